#include "platform/config/nearest.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace souk::config {
namespace {

// How many letters must be put in, taken out or changed.
std::size_t distance(std::string_view from, std::string_view to) {
    std::vector<std::size_t> row(to.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < from.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < to.size(); ++j) {
            const std::size_t changed = diagonal + (from[i] == to[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row.back();
}

}  // namespace

std::string nearest(std::string_view mistyped, const std::vector<std::string>& known) {
    constexpr std::size_t length_max = 200;  // nobody meant this, and it would take long
    if (mistyped.size() > length_max) return {};
    std::string best;
    std::size_t best_distance = std::max<std::size_t>(2, mistyped.size() / 3) + 1;
    for (const std::string& name : known) {
        const std::size_t here = distance(mistyped, name);
        if (here >= best_distance) continue;
        best = name;
        best_distance = here;
    }
    return best;
}

}  // namespace souk::config
