#include "main/commands/output.h"

#include "platform/core/escape.h"

#include <algorithm>
#include <ctime>

namespace souk::commands {
namespace {

// Code points, which is as near as this comes to columns.
std::size_t width(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

void print_line(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        line += cells[i];
        if (i + 1 < cells.size()) line.append(widths[i] - width(cells[i]) + 2, ' ');
    }
    std::cout << line << '\n';
}

}  // namespace

void print_table(const std::vector<std::string>& names,
                 const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::vector<std::string>> lines = {names};
    for (const std::vector<std::string>& row : rows) {
        std::vector<std::string> safe(row.size());
        for (std::size_t i = 0; i < row.size(); ++i) core::escape_pretty(row[i], safe[i]);
        lines.push_back(std::move(safe));
    }
    std::vector<std::size_t> widths(names.size());
    for (const std::vector<std::string>& line : lines) {
        for (std::size_t i = 0; i < line.size(); ++i) {
            widths[i] = std::max(widths[i], width(line[i]));
        }
    }
    for (const std::vector<std::string>& line : lines) print_line(line, widths);
}

std::string time_text(std::int64_t unix_ms) {
    if (unix_ms == 0) return "";
    const std::time_t seconds = static_cast<std::time_t>(unix_ms / 1'000);
    std::tm parts{};
    if (::gmtime_r(&seconds, &parts) == nullptr) return std::to_string(unix_ms);
    char text[32];
    return std::string(text, std::strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &parts));
}

}  // namespace souk::commands
