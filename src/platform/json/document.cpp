// JSON text to a document, by Boost.JSON's parser with a builder of our own.
#include "platform/json/read.h"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_stack.hpp>

#include <charconv>
#include <new>

namespace souk::json::detail {
namespace {

namespace boost_json = boost::json;
using Code = boost::system::error_code;
using Piece = boost_json::string_view;

constexpr std::size_t depth_max = 128;

// Builds the document as Boost.JSON's own parsers do, but for doubles: theirs may be wrong in the
// last digit (before Boost 1.85), and money should come back as it was sent.
class Builder {
public:
    static constexpr std::size_t max_object_size = boost_json::object::max_size();
    static constexpr std::size_t max_array_size = boost_json::array::max_size();
    static constexpr std::size_t max_key_size = boost_json::string::max_size();
    static constexpr std::size_t max_string_size = boost_json::string::max_size();

    Builder(unsigned char* scratch, std::size_t size) : stack_({}, scratch, size) {}

    void reset(boost_json::storage_ptr memory) { stack_.reset(std::move(memory)); }
    boost_json::value release() { return stack_.release(); }

    bool on_document_begin(Code&) { return true; }
    bool on_document_end(Code&) { return true; }
    bool on_object_begin(Code&) { return true; }
    bool on_object_end(std::size_t count, Code&) { return stack_.push_object(count), true; }
    bool on_array_begin(Code&) { return true; }
    bool on_array_end(std::size_t count, Code&) { return stack_.push_array(count), true; }
    bool on_key_part(Piece piece, std::size_t, Code&) { return stack_.push_chars(piece), true; }
    bool on_key(Piece piece, std::size_t, Code&) { return stack_.push_key(piece), true; }
    bool on_string_part(Piece piece, std::size_t, Code&) { return stack_.push_chars(piece), true; }
    bool on_string(Piece piece, std::size_t, Code&) { return stack_.push_string(piece), true; }
    bool on_int64(std::int64_t number, Piece, Code&) { return stack_.push_int64(number), true; }
    bool on_uint64(std::uint64_t number, Piece, Code&) { return stack_.push_uint64(number), true; }
    bool on_bool(bool value, Code&) { return stack_.push_bool(value), true; }
    bool on_null(Code&) { return stack_.push_null(), true; }
    bool on_comment_part(Piece, Code&) { return true; }
    bool on_comment(Piece, Code&) { return true; }

    // Only a text in pieces has numbers in pieces.
    bool on_number_part(Piece, Code& error) {
        error = boost_json::error::incomplete;
        return false;
    }

    bool on_double(double nearly, Piece text, Code&) {
        double exact = nearly;  // stays where no double is near: too large, or too small
        std::from_chars(text.data(), text.data() + text.size(), exact);
        stack_.push_double(exact);
        return true;
    }

private:
    boost_json::value_stack stack_;
};

}  // namespace

// The parser's working memory and the document share the room on the stack; what does not fit comes
// from the heap.
struct Document::Parts {
    explicit Parts(std::byte* room, std::size_t size)
        : memory(reinterpret_cast<unsigned char*>(room), size), root(nullptr, &memory) {}
    boost_json::monotonic_resource memory;
    boost_json::value root;
};

Document::Document(std::string_view text) {
    static_assert(sizeof(Parts) < 512);
    constexpr std::size_t parser_room = 1024;
    parts_ = new (room_) Parts(room_ + 512, sizeof(room_) - 512 - parser_room);
    unsigned char* const scratch =
        reinterpret_cast<unsigned char*>(room_ + sizeof(room_) - parser_room);
    boost_json::parse_options options;
    options.max_depth = depth_max;
    boost_json::basic_parser<Builder> parser(options, scratch, parser_room);
    parser.handler().reset(&parts_->memory);  // where the document goes
    Code error;
    const std::size_t read = parser.write_some(false, text.data(), text.size(), error);
    if (error || read < text.size()) return;
    parts_->root = parser.handler().release();
    root_ = &parts_->root;
}

Document::~Document() { parts_->~Parts(); }

}  // namespace souk::json::detail
