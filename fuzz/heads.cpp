// The head of a request and the chunks of a body: the parser and the chunk decoder alone, where a
// thousand times more inputs a second can be tried than through a connection.
#include "fuzz/support/property.h"
#include "platform/http/buffer.h"
#include "platform/http/chunked.h"
#include "platform/http/parser.h"

#include <functional>
#include <string>

namespace souk::fuzz {
namespace {

constexpr http::ParserLimits limits{
    .header_bytes_max = 1'024, .target_bytes_max = 256, .headers_max = 20};
constexpr std::size_t body_bytes_max = 200;

bool lies_in(std::string_view part, std::string_view whole) {
    return part.empty() || (part.data() >= whole.data() &&
                            part.data() + part.size() <= whole.data() + whole.size());
}

void check_head(const http::Parser& parser, std::string_view bytes) {
    must(parser.head_bytes() <= bytes.size(), "a head is no longer than what came");
    must(parser.head_bytes() <= limits.header_bytes_max, "a head keeps to its limit");
    must(bytes.substr(0, parser.head_bytes()).ends_with("\r\n\r\n"), "a head ends with a line");
    must(!parser.method().empty() && !parser.target().empty(), "a head has method and target");
    must(parser.headers().size() <= limits.headers_max, "headers keep to their limit");
    must(lies_in(parser.method(), bytes) && lies_in(parser.target(), bytes), "views stay inside");
    must(!(parser.chunked() && parser.has_content_length()), "a body has one kind of framing");
    for (const http::Header& header : parser.headers()) {
        must(lies_in(header.name, bytes) && lies_in(header.value, bytes), "views stay inside");
        must(!header.name.empty(), "a header has a name");
        must(header.name.find_first_of(" \t\r\n:") == std::string_view::npos, "and that is clean");
        const bool is_clean =
            header.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
        must(is_clean, "a header's value is one line", header.value);
    }
}

std::string describe(const http::Parser& parser, http::Parser::Progress progress) {
    if (progress == http::Parser::Progress::need_more) return "more";
    if (progress == http::Parser::Progress::refused)
        return "refused " + std::to_string(static_cast<int>(parser.refused()));
    std::string text = std::string(parser.method()) + " " + std::string(parser.target());
    for (const http::Header& header : parser.headers())
        text.append("\n").append(header.name).append("=").append(header.value);
    text += "\n" + std::to_string(parser.head_bytes()) + (parser.chunked() ? " chunked " : " ");
    return text + std::to_string(parser.content_length()) + (parser.keep_alive() ? " keep" : "");
}

http::Parser::Progress parse_in_parts(http::Parser& parser, const std::string& first,
                                      const std::string& all) {
    const http::Parser::Progress progress = parser.parse(first);
    if (progress != http::Parser::Progress::need_more) return progress;
    parser.rebase(first.data(), all.data());
    return parser.parse(all);
}

// The bytes come in two parts and lie elsewhere the second time, as the session's may. A head that
// is cut off is refused at once or when its end comes; a whole one gets the same either way.
void check_parser(std::string_view bytes, std::size_t cut) {
    http::Parser whole(limits);
    const http::Parser::Progress progress = whole.parse(bytes);
    if (progress == http::Parser::Progress::done) check_head(whole, bytes);

    http::Parser parts(limits);
    const std::string first(bytes.substr(0, cut));
    const std::string all(bytes);
    const http::Parser::Progress in_parts = parse_in_parts(parts, first, all);
    const std::string saw = describe(whole, progress) + "\nin parts:\n" + describe(parts, in_parts);
    if (progress == http::Parser::Progress::done || in_parts == http::Parser::Progress::done) {
        must(describe(whole, progress) == describe(parts, in_parts), "parts give the same head",
             saw);
    } else if (progress != in_parts) {
        const std::string ended = all + "\r\n\r\n";
        http::Parser again(limits);
        must(again.parse(ended) == http::Parser::Progress::refused, "the whole is refused", saw);
        http::Parser late(limits);
        must(parse_in_parts(late, first, ended) == http::Parser::Progress::refused,
             "and its parts are when the end comes", saw);
    }
}

std::string decode(std::string_view bytes, std::size_t cut) {
    http::Buffer body;
    http::ChunkDecoder decoder(body_bytes_max, &body);
    http::ChunkDecoder::Progress progress = http::ChunkDecoder::Progress::need_more;
    std::string_view rest;
    for (const std::string_view part : {bytes.substr(0, cut), bytes.substr(cut)}) {
        rest = part;
        if (progress == http::ChunkDecoder::Progress::need_more) progress = decoder.feed(rest);
    }
    must(body.size() <= body_bytes_max, "a body keeps to its limit");
    must(body.size() <= bytes.size(), "a body is no longer than what came");
    return std::to_string(static_cast<int>(progress)) + " " + std::string(body.view());
}

}  // namespace
}  // namespace souk::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace souk::fuzz;
    const std::string_view bytes = text_of(data, size);
    const std::size_t cut = std::hash<std::string_view>()(bytes) % (size + 1);
    check_parser(bytes, cut);
    must(decode(bytes, size) == decode(bytes, cut), "parts give the same body");
    return 0;
}
