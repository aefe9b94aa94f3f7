#include "platform/http/parser.h"

#include "platform/http/buffer.h"
#include "platform/http/chunked.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace souk::http {
namespace {

struct Case {
    std::string_view bytes;
    std::string_view outcome;
};

// What the parser makes of the bytes, as one text that can be compared.
std::string describe(const Parser& parser, Parser::Progress progress) {
    if (progress == Parser::Progress::need_more) return "more";
    if (progress == Parser::Progress::refused) {
        switch (parser.refused()) {
            case Refused::malformed:
                return "malformed";
            case Refused::target_too_long:
                return "target";
            case Refused::headers_too_large:
                return "headers";
        }
    }
    std::string text = std::string(parser.method()) + " " + std::string(parser.target());
    for (const Header& header : parser.headers()) {
        text += "|" + std::string(header.name) + "=" + std::string(header.value);
    }
    if (parser.chunked()) text += " chunked";
    if (parser.has_content_length()) text += " length " + std::to_string(parser.content_length());
    return text + (parser.keep_alive() ? " keep" : " close");
}

constexpr ParserLimits small{.header_bytes_max = 256, .target_bytes_max = 64, .headers_max = 5};

// The bytes arrive in two parts, the buffer moving between them, as the session's does.
std::string parse_in_two(std::string_view bytes, std::size_t cut) {
    Parser parser(small);
    const std::string first(bytes.substr(0, cut));
    const std::string all(bytes);
    const Parser::Progress progress = parser.parse(first);
    if (progress != Parser::Progress::need_more) return describe(parser, progress);
    parser.rebase(first.data(), all.data());
    return describe(parser, parser.parse(all));
}

const std::string long_target = "GET /" + std::string(100, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n";
const std::string long_line = "GET /" + std::string(300, 'a');
const std::string long_head =
    "GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(300, 'a') + "\r\n\r\n";
using namespace std::string_view_literals;

const std::vector<Case> cases = {
    {"GET / HTTP/1.1\r\nHost: h\r\n\r\n",                                                     "GET /|Host=h keep"               },
    {"\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n",                                                 "GET /|Host=h keep"               },
    {"GET /a?b=c HTTP/1.1\r\nHost: h\r\nA:  x y \r\nB:\r\n\r\n",                              "GET /a?b=c|Host=h|A=x y|B= keep" },
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc",
     "POST /|Host=h|Content-Length=3 length 3 keep"                                                                             },
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n",
     "POST /|Host=h|Transfer-Encoding=Chunked chunked keep"                                                                     },
    {"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
     "GET /|Host=h|Connection=close close"                                                                                      },
    {"GET / HTTP/1.0\r\n\r\n",                                                                "GET / close"                     },
    {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",                                      "GET /|Connection=keep-alive keep"},
    {"GET http://h/x HTTP/1.1\r\nHost: h\r\n\r\n",                                            "GET http://h/x|Host=h keep"      },
    {"OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n",                                                 "OPTIONS *|Host=h keep"           },
    {"BREW / HTTP/1.1\r\nHost: h\r\n\r\n",                                                    "BREW /|Host=h keep"              },
    {"GET / HTTP/1.1\r\n\r\n",                                                                "malformed"                       },
    {"GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n",                                          "malformed"                       },
    {"GET / HTTP/2.0\r\nHost: h\r\n\r\n",                                                     "malformed"                       },
    {"GET x HTTP/1.1\r\nHost: h\r\n\r\n",                                                     "malformed"                       },
    {"GET /\xc3\xa4 HTTP/1.1\r\nHost: h\r\n\r\n",                                             "malformed"                       },
    {"GET  / HTTP/1.1\r\nHost: h\r\n\r\n",                                                    "malformed"                       },
    {"GET / HTTP/1.1\r\nHost : h\r\n\r\n",                                                    "malformed"                       },
    {"GET / HTTP/1.1\nHost: h\n\n",                                                           "malformed"                       },
    {"GET / HTTP/1.1\r\nHost: h\n\r\n",                                                       "malformed"                       },
    {"GET / HTTP/1.1\r\nHost: h\r\nA: b\rc\r\n\r\n",                                          "malformed"                       },
    {"GET / HTTP/1.1\r\nHost: h\r\nA: b\0c\r\n\r\n"sv,                                        "malformed"                       },
    {"GET /\0 HTTP/1.1\r\nHost: h\r\n\r\n"sv,                                                 "malformed"                       },
    {"GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n c\r\n\r\n",                                       "malformed"                       },
    {"GET / HTTP/1.1\r\nHost: h\r\nA:\r\n c\r\n\r\n",                                         "malformed"                       },
    {"GET / HTTP/1.1\r\nHost: h\r\nA:\r\n\tc\r\n\r\n",                                        "malformed"                       },
    {"GET / HTTP/1.1\r\n Host: h\r\n\r\n",                                                    "malformed"                       },
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n",          "malformed"                       },
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3, 3\r\n\r\n",                            "malformed"                       },
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +3\r\n\r\n",                              "malformed"                       },
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -3\r\n\r\n",                              "malformed"                       },
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n",            "malformed"                       },
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: \r\n\r\n",                                "malformed"                       },
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
     "malformed"                                                                                                                },
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
     "malformed"                                                                                                                },
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",                "malformed"                       },
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: identity\r\n\r\n",                     "malformed"                       },
    {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",                                 "malformed"                       },
    {"GET / HTTP/1.1\r\nHost: h\r\nA: 1\r\nA: 2\r\nA: 3\r\nA: 4\r\nA: 5\r\n\r\n",             "headers"                         },
    {long_target,                                                                             "target"                          },
    {long_line,                                                                               "target"                          },
    {long_head,                                                                               "headers"                         },
};

TEST(Parser, takes_what_is_right_and_refuses_the_rest) {
    for (const Case& one : cases)
        EXPECT_EQ(parse_in_two(one.bytes, one.bytes.size()), one.outcome) << one.bytes;
}

TEST(Parser, a_cut_anywhere_changes_nothing) {
    for (const Case& one : cases) {
        for (std::size_t cut = 0; cut < one.bytes.size(); ++cut) {
            ASSERT_EQ(parse_in_two(one.bytes, cut), one.outcome) << one.bytes << " cut at " << cut;
        }
    }
}

TEST(Parser, half_a_head_needs_more) {
    const std::string_view bytes = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        Parser parser(small);
        ASSERT_EQ(parser.parse(bytes.substr(0, size)), Parser::Progress::need_more) << size;
    }
}

TEST(Parser, reads_the_next_request_after_reset) {
    const std::string_view bytes =
        "GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n";
    Parser parser(small);
    EXPECT_EQ(describe(parser, parser.parse(bytes)), "GET /1|Host=h keep");
    const std::size_t first = parser.head_bytes();
    parser.reset();
    EXPECT_EQ(describe(parser, parser.parse(bytes.substr(first))), "GET /2|Host=h keep");
    EXPECT_EQ(first + parser.head_bytes(), bytes.size());
}

struct ChunkCase {
    std::string_view bytes;
    std::string_view outcome;  // the body, with what follows it behind a bar
};

std::string decode_in_two(std::string_view bytes, std::size_t cut) {
    Buffer body;
    ChunkDecoder decoder(20, &body);
    ChunkDecoder::Progress progress = ChunkDecoder::Progress::need_more;
    std::string rest;
    for (std::string_view part : {bytes.substr(0, cut), bytes.substr(cut)}) {
        if (progress == ChunkDecoder::Progress::need_more) progress = decoder.feed(part);
        rest += part;
    }
    switch (progress) {
        case ChunkDecoder::Progress::need_more:
            return "more";
        case ChunkDecoder::Progress::malformed:
            return "malformed";
        case ChunkDecoder::Progress::too_large:
            return "too large";
        case ChunkDecoder::Progress::done:
            break;
    }
    return std::string(body.view()) + "|" + rest;
}

TEST(ChunkDecoder, gives_the_same_body_wherever_the_bytes_are_cut) {
    const std::vector<ChunkCase> chunk_cases = {
        {"0\r\n\r\n",                                                        "|"                    },
        {"3\r\nabc\r\n0\r\n\r\nGET",                                         "abc|GET"              },
        {"3\r\nabc\r\nA;x=\"y\"\r\n0123456789\r\n0\r\nT: u\r\nV: w\r\n\r\n", "abc0123456789|"       },
        {"14\r\n01234567890123456789\r\n0\r\n\r\n",                          "01234567890123456789|"},
        {"15\r\n0",                                                          "too large"            },
        {"A\r\n0123456789\r\nB\r\n0",                                        "too large"            },
        {"FFFFFFFFFFFFFFFFF\r\n",                                            "too large"            },
        {"3\r\nab",                                                          "more"                 },
        {"x\r\n",                                                            "malformed"            },
        {"\r\n",                                                             "malformed"            },
        {"-1\r\n",                                                           "malformed"            },
        {"0x1\r\na",                                                         "malformed"            },
        {"3\nabc\n0\n\n",                                                    "malformed"            },
        {"3\r\nabcd\r\n",                                                    "malformed"            },
        {"3\r\nabc\n0\r\n\r\n",                                              "malformed"            },
        {"3;a\nb\r\nabc\r\n",                                                "malformed"            },
        {"0\r\nT: u\n\r\n",                                                  "malformed"            },
    };
    for (const ChunkCase& one : chunk_cases) {
        for (std::size_t cut = 0; cut <= one.bytes.size(); ++cut) {
            ASSERT_EQ(decode_in_two(one.bytes, cut), one.outcome) << one.bytes << " cut at " << cut;
        }
    }
}

TEST(ChunkDecoder, extensions_and_trailers_are_bounded) {
    EXPECT_EQ(decode_in_two("1;" + std::string(10'000, 'e') + "\r\na\r\n0\r\n\r\n", 0),
              "malformed");
    EXPECT_EQ(decode_in_two("0\r\nT: " + std::string(10'000, 't') + "\r\n\r\n", 0), "malformed");
}

}  // namespace
}  // namespace souk::http
