#include "platform/http/router.h"

#include "platform/http/ascii.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace souk::http {
namespace {

constexpr std::size_t segments_max = 32;
using Parts = boost::container::static_vector<std::string_view, segments_max>;

// The texts between the slashes; false when there are too many to be any route.
bool split_path(std::string_view path, Parts& parts) {
    while (!path.empty()) {
        path.remove_prefix(1);  // the slash
        const std::string_view part = path.substr(0, path.find('/'));
        if (parts.size() == segments_max) return false;
        parts.push_back(part);
        path.remove_prefix(part.size());
    }
    return true;
}

bool is_integer(std::string_view text) {
    if (text.starts_with('-')) text.remove_prefix(1);
    return !text.empty() && text.size() <= 18 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::size_t index(Verb verb) { return static_cast<std::size_t>(verb); }

std::string_view decode_into(std::pmr::memory_resource& memory, std::string_view raw, bool& bad) {
    if (raw.find('%') == std::string_view::npos) return raw;
    char* const space = static_cast<char*>(memory.allocate(raw.size(), 1));
    const std::optional<std::size_t> size = percent_decode(raw, Plus::stays, space);
    bad = bad || !size;
    return size ? std::string_view(space, *size) : raw;
}

}  // namespace

Router::Router(const std::vector<Room>& rooms) {
    if (rooms.empty()) throw std::runtime_error("a listener needs at least one room");
    for (const Room& room : rooms) {
        rooms_.push_back(&room);
        for (const Route& route : room.routes) add(room, route);
    }
    for (std::size_t i = 0; i < places_.size(); ++i) {
        for (std::size_t j = i + 1; j < places_.size(); ++j) refuse_overlap(places_[i], places_[j]);
        write_allow(places_[i]);
        by_literalness_.push_back(i);
    }
    const auto kinds = [&](std::size_t place) {
        std::vector<Kind> list;
        for (const Segment& segment : places_[place].segments) list.push_back(segment.kind);
        return list;
    };
    std::sort(by_literalness_.begin(), by_literalness_.end(), [&](std::size_t a, std::size_t b) {
        return std::pair(kinds(a), a) < std::pair(kinds(b), b);
    });
    const auto room_number = [&](const Room* room) {
        return std::find(rooms_.begin(), rooms_.end(), room) - rooms_.begin();
    };
    std::sort(prefixes_.begin(), prefixes_.end(), [&](const Prefix& a, const Prefix& b) {
        return std::pair(b.path.size(), room_number(a.room)) <
               std::pair(a.path.size(), room_number(b.room));
    });
}

std::vector<Router::Segment> Router::split(const Route& route) {
    Parts parts;
    if (!route.path.starts_with('/') || !split_path(route.path, parts)) {
        throw std::runtime_error("route path '" + route.path + "' must begin with a slash");
    }
    std::vector<Segment> segments;
    for (const std::string_view part : parts) {
        if (!part.starts_with('{')) {
            segments.push_back({Kind::literal, std::string(part)});
            continue;
        }
        const std::string_view inner = part.substr(1, part.size() - 2);
        const std::string_view type = inner.substr(std::min(inner.find(':'), inner.size()));
        const std::string_view parameter = inner.substr(0, inner.size() - type.size());
        if (!part.ends_with('}') || parameter.empty() || (!type.empty() && type != ":integer")) {
            throw std::runtime_error("route path '" + route.path + "' has a wrong parameter");
        }
        segments.push_back({type.empty() ? Kind::any : Kind::integer, std::string(parameter)});
    }
    const auto parameters = std::count_if(segments.begin(), segments.end(),
                                          [](const Segment& s) { return s.kind != Kind::literal; });
    if (static_cast<std::size_t>(parameters) > path_parameters_max) {
        throw std::runtime_error("route path '" + route.path + "' has too many parameters");
    }
    return segments;
}

Router::Place& Router::place_for(const std::vector<Segment>& segments, const Room& room) {
    for (Place& place : places_) {
        if (place.segments == segments) return place;
    }
    Place& place = places_.emplace_back();
    place.has_parameters =
        std::any_of(segments.begin(), segments.end(),
                    [](const Segment& segment) { return segment.kind != Kind::literal; });
    place.segments = segments;
    place.by_verb.fill(none);
    place.room = &room;
    return place;
}

void Router::add(const Room& room, const Route& route) {
    std::vector<Segment> segments = split(route);
    Place& place = place_for(segments, room);
    const std::size_t number = routes_.size();
    for (std::size_t verb = 0; verb < place.by_verb.size(); ++verb) {
        if (!route.any_verb && verb != index(route.verb)) continue;
        if (place.by_verb[verb] != none) {
            const Entry& other = routes_[place.by_verb[verb]];
            throw std::runtime_error("two routes answer " + std::string(name(route.verb)) + " " +
                                     route.path + " on one listener: of " + other.room->service +
                                     " and of " + room.service);
        }
        place.by_verb[verb] = number;
    }
    if (!place.has_parameters) {
        literal_places_.emplace(route.path, static_cast<std::size_t>(&place - places_.data()));
    }

    std::string prefix;
    prefixes_.push_back({prefix, &room});
    for (const Segment& segment : segments) {
        if (segment.kind != Kind::literal || segment.text.empty()) break;
        prefix += "/" + segment.text;
        prefixes_.push_back({prefix, &room});
    }
    routes_.push_back({&room, &route, std::move(segments)});
}

// Whether some path would be answered by both.
bool Router::meet(const Place& a, const Place& b) {
    if (a.segments.size() != b.segments.size()) return false;
    for (std::size_t i = 0; i < a.segments.size(); ++i) {
        const Segment& left = a.segments[i];
        const Segment& right = b.segments[i];
        if (left.kind == Kind::literal && !fits(right, left.text)) return false;
        if (right.kind == Kind::literal && !fits(left, right.text)) return false;
    }
    return true;
}

// Within a room the more literal path wins, as its author can see; between rooms nobody could.
void Router::refuse_overlap(const Place& a, const Place& b) const {
    if (!meet(a, b)) return;
    for (std::size_t verb = 0; verb < a.by_verb.size(); ++verb) {
        if (a.by_verb[verb] == none || b.by_verb[verb] == none) continue;
        const Entry& left = routes_[a.by_verb[verb]];
        const Entry& right = routes_[b.by_verb[verb]];
        if (left.room == right.room) continue;
        throw std::runtime_error("routes overlap on one listener: " + left.route->path + " of " +
                                 left.room->service + " and " + right.route->path + " of " +
                                 right.room->service);
    }
}

void Router::write_allow(Place& place) {
    const bool get = place.by_verb[index(Verb::get)] != none;
    for (const Verb verb : {Verb::get, Verb::head, Verb::post, Verb::put, Verb::patch,
                            Verb::delete_, Verb::options}) {
        if (place.by_verb[index(verb)] == none && !(verb == Verb::head && get)) continue;
        if (!place.allow.empty()) place.allow += ", ";
        place.allow += name(verb);
    }
}

bool Router::fits(const Segment& segment, std::string_view part) {
    switch (segment.kind) {
        case Kind::literal:
            return segment.text == part;
        case Kind::integer:
            return is_integer(part);
        case Kind::any:
            return !part.empty();
    }
    return false;
}

const Router::Place* Router::find_place(std::span<const std::string_view> parts) const {
    for (const std::size_t number : by_literalness_) {
        const Place& place = places_[number];
        if (std::equal(place.segments.begin(), place.segments.end(), parts.begin(), parts.end(),
                       fits)) {
            return &place;
        }
    }
    return nullptr;
}

const Room& Router::nearest_room(std::string_view path) const {
    for (const Prefix& prefix : prefixes_) {
        if (!path.starts_with(prefix.path)) continue;
        if (path.size() == prefix.path.size() || path[prefix.path.size()] == '/')
            return *prefix.room;
    }
    return first_room();
}

Router::Match Router::match_in(const Place& place, Verb verb) const {
    Match match;
    match.room = place.room;
    match.allow = place.allow;
    std::size_t number = place.by_verb[index(verb)];
    if (number == none && verb == Verb::head) number = place.by_verb[index(Verb::get)];
    if (number == none) return match;
    match.room = routes_[number].room;
    match.route = routes_[number].route;
    match.number = number;
    return match;
}

Router::Match Router::find(Verb verb, std::string_view path, std::pmr::memory_resource& memory,
                           PathParameters& parameters) const {
    const auto literal = literal_places_.find(path);
    if (literal != literal_places_.end()) return match_in(places_[literal->second], verb);

    Match match;
    match.room = &nearest_room(path);
    Parts parts;
    if (!path.starts_with('/') || !split_path(path, parts)) return match;
    for (std::string_view& part : parts) part = decode_into(memory, part, match.bad_encoding);
    if (match.bad_encoding) return match;

    const Place* const place = find_place(parts);
    if (place == nullptr) return match;
    match = match_in(*place, verb);
    if (match.route == nullptr) return match;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const Segment& segment = routes_[match.number].segments[i];
        if (segment.kind != Kind::literal) parameters.push_back({segment.text, parts[i]});
    }
    return match;
}

}  // namespace souk::http
