#include "platform/http/serializer.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <iterator>

namespace souk::http {
namespace {

constexpr std::size_t fixed_bytes_max = 256;  // of everything below that is not counted apart

struct Phrase {
    int status;
    std::string_view text;
};

// Sorted by status.
constexpr Phrase phrases[] = {
    {100, "Continue"                       },
    {101, "Switching Protocols"            },
    {200, "OK"                             },
    {201, "Created"                        },
    {202, "Accepted"                       },
    {204, "No Content"                     },
    {206, "Partial Content"                },
    {301, "Moved Permanently"              },
    {302, "Found"                          },
    {303, "See Other"                      },
    {304, "Not Modified"                   },
    {307, "Temporary Redirect"             },
    {308, "Permanent Redirect"             },
    {400, "Bad Request"                    },
    {401, "Unauthorized"                   },
    {402, "Payment Required"               },
    {403, "Forbidden"                      },
    {404, "Not Found"                      },
    {405, "Method Not Allowed"             },
    {406, "Not Acceptable"                 },
    {408, "Request Timeout"                },
    {409, "Conflict"                       },
    {410, "Gone"                           },
    {411, "Length Required"                },
    {412, "Precondition Failed"            },
    {413, "Payload Too Large"              },
    {414, "URI Too Long"                   },
    {415, "Unsupported Media Type"         },
    {416, "Range Not Satisfiable"          },
    {417, "Expectation Failed"             },
    {422, "Unprocessable Entity"           },
    {426, "Upgrade Required"               },
    {429, "Too Many Requests"              },
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"          },
    {501, "Not Implemented"                },
    {502, "Bad Gateway"                    },
    {503, "Service Unavailable"            },
    {504, "Gateway Timeout"                },
};

// Writes into room that was made before, so that no step looks for space.
class Cursor {
public:
    explicit Cursor(char* at) : at_(at) {}
    char* at() const { return at_; }

    void put(std::string_view text) {
        std::memcpy(at_, text.data(), text.size());
        at_ += text.size();
    }

    void put(std::size_t number) { at_ = std::to_chars(at_, at_ + 24, number).ptr; }

    // What a client sent may come back in a value; it must not end the line.
    void put_value(std::string_view value) {
        char* const from = at_;
        put(value);
        unsigned controls = 0;
        for (const char c : value) controls |= static_cast<unsigned>(is_control(c));
        if (controls != 0) std::replace_if(from, at_, is_control, ' ');
    }

    void put_header(std::string_view name, std::string_view value) {
        put(name);
        put(": ");
        put_value(value);
        put("\r\n");
    }

private:
    static bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

    char* at_;
};

void put_status_line(Cursor& out, int status) {
    if (status == 200) {
        out.put("HTTP/1.1 200 OK\r\ndate: ");
        return;
    }
    out.put("HTTP/1.1 ");
    out.put(static_cast<std::size_t>(status));
    out.put(" ");
    out.put(reason_phrase(status));
    out.put("\r\ndate: ");
}

// One line whatever it has to say; none when there is nothing.
std::string_view connection_line(const Response& response, const Framing& framing) {
    const bool upgrades = response.upgrades;
    if (framing.close) return upgrades ? "connection: close, Upgrade\r\n" : "connection: close\r\n";
    if (framing.version_1_0)
        return upgrades ? "connection: keep-alive, Upgrade\r\n" : "connection: keep-alive\r\n";
    return upgrades ? "connection: Upgrade\r\n" : "";
}

std::size_t size_of(std::span<const Header> headers) {
    std::size_t size = 0;
    for (const Header& header : headers) size += header.name.size() + header.value.size() + 4;
    return size;
}

}  // namespace

std::string_view reason_phrase(int status) {
    const Phrase* const found =
        std::lower_bound(std::begin(phrases), std::end(phrases), status,
                         [](const Phrase& phrase, int wanted) { return phrase.status < wanted; });
    return found != std::end(phrases) && found->status == status ? found->text : "Unknown";
}

std::string date_text(std::int64_t unix_seconds) {
    static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    using namespace std::chrono;
    const sys_seconds time{seconds(unix_seconds)};
    const sys_days day = floor<std::chrono::days>(time);
    const year_month_day date(day);
    const hh_mm_ss clock(time - day);
    char text[64];
    const int size = std::snprintf(
        text, sizeof text, "%s, %02u %s %04d %02d:%02d:%02d GMT", days[weekday(day).c_encoding()],
        static_cast<unsigned>(date.day()), months[static_cast<unsigned>(date.month()) - 1],
        static_cast<int>(date.year()), static_cast<int>(clock.hours().count()),
        static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()));
    return {text, static_cast<std::size_t>(size)};
}

bool has_body(int status) { return status >= 200 && status != 204 && status != 304; }

void write_head(Buffer& out, const Response& response, const Framing& framing) {
    const std::span<const Header> headers(response.headers.data(), response.headers.size());
    out.make_room(fixed_bytes_max + response.content_type.size() + framing.date.size() +
                  framing.allow.size() + size_of(headers) + size_of(framing.extra));
    Cursor at(out.room().data());
    put_status_line(at, response.status);
    at.put(framing.date);
    at.put("\r\n");
    if (has_body(response.status)) {
        if (!response.content_type.empty()) at.put_header("content-type", response.content_type);
        at.put("content-length: ");
        at.put(response.body.size());
        at.put("\r\n");
    }
    at.put(connection_line(response, framing));
    if (!framing.allow.empty()) at.put_header("allow", framing.allow);
    for (const Header& header : headers) at.put_header(header.name, header.value);
    for (const Header& header : framing.extra) at.put_header(header.name, header.value);
    at.put("\r\n");
    out.commit(static_cast<std::size_t>(at.at() - out.room().data()));
}

}  // namespace souk::http
