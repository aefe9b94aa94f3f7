// Which row of which room answers a request. Built once per listener from the tables of all its
// rooms.
#pragma once

#include "platform/http/room.h"

#include <boost/container/static_vector.hpp>

#include <array>
#include <cstddef>
#include <memory_resource>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace souk::http {

inline constexpr std::size_t path_parameters_max = 8;
using PathParameters = boost::container::static_vector<Header, path_parameters_max>;

class Router {
public:
    struct Match {
        const Room* room = nullptr;    // never null: the room that answers, if only with a refusal
        const Route* route = nullptr;  // null: not found, or a verb the path does not know
        std::size_t number = 0;        // of the route in this router
        std::string_view allow;        // the verbs the path knows; empty: unknown path
        bool known() const { return !allow.empty(); }
        bool bad_encoding = false;  // a path parameter is not percent-encoded text
    };

    // Throws std::runtime_error, for people, when two rows would answer one request, or a path is
    // not written as it must be. The rooms must outlive the router.
    explicit Router(const std::vector<Room>& rooms);

    // Decoded path parameters are put into `parameters` and `memory`.
    Match find(Verb verb, std::string_view path, std::pmr::memory_resource& memory,
               PathParameters& parameters) const;

    const Room& first_room() const { return *rooms_.front(); }
    std::size_t route_count() const { return routes_.size(); }
    const Route& route(std::size_t number) const { return *routes_[number].route; }
    const Room& room_of(std::size_t number) const { return *routes_[number].room; }

private:
    enum class Kind { literal, integer, any };

    struct Segment {
        Kind kind = Kind::literal;
        std::string text;  // of a literal, or the parameter's name
        bool operator==(const Segment& other) const {
            return kind == other.kind && (kind != Kind::literal || text == other.text);
        }
    };

    struct Entry {
        const Room* room;
        const Route* route;
        std::vector<Segment> segments;
    };

    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    // One path with everything that answers on it, of whichever room.
    struct Place {
        std::vector<Segment> segments;
        std::array<std::size_t, 8> by_verb;  // route numbers
        std::string allow;
        const Room* room = nullptr;  // the first to name the path: it says which verbs there are
        bool has_parameters = false;
    };

    struct Prefix {
        std::string path;
        const Room* room;
    };

    static std::vector<Segment> split(const Route& route);
    static bool fits(const Segment& segment, std::string_view part);
    static bool meet(const Place& a, const Place& b);
    static void write_allow(Place& place);

    void add(const Room& room, const Route& route);
    void refuse_overlap(const Place& a, const Place& b) const;
    Place& place_for(const std::vector<Segment>& segments, const Room& room);
    const Place* find_place(std::span<const std::string_view> parts) const;
    const Room& nearest_room(std::string_view path) const;
    Match match_in(const Place& place, Verb verb) const;

    std::vector<const Room*> rooms_;
    std::vector<Entry> routes_;
    std::vector<Place> places_;
    std::unordered_map<std::string_view, std::size_t> literal_places_;  // keys are routes' paths
    std::vector<std::size_t> by_literalness_;  // places, the more literal first
    std::vector<Prefix> prefixes_;             // the longest first
};

}  // namespace souk::http
