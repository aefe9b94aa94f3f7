#include "services/store/wire.h"

#include "services/store/errors.h"
#include "services/store/rules.h"
#include "services/store/wire_answers.h"

#include <algorithm>

namespace souk::store {
namespace {

using core::Result;

constexpr std::size_t contact_name_max = 100;
constexpr std::size_t subject_max = 150;
constexpr std::size_t message_max = 5'000;

// The rule that was broken, in words.
std::string rule_text(const json::Problem& problem, const json::Rules& rules) {
    using enum json::Wrong;
    switch (problem.wrong) {
        case out_of_range:
            return "must be between " + std::to_string(rules.least) + " and " +
                   std::to_string(rules.most);
        case too_short:
        case too_long:
            return "must have " + std::to_string(rules.length_min) + " to " +
                   std::to_string(rules.length_max) + " characters";
        case missing:
        case type:
        case unknown_field:
            break;
    }
    return problem.message;
}

std::string_view text_of(std::string_view text) { return text; }
std::string_view text_of(const std::optional<std::string_view>& text) {
    return text.value_or(std::string_view());
}
template <typename Number>
std::string_view text_of(const Number&) {
    return {};
}

// What the description alone refuses: the first bad field in its order. No engine keeps NUL in a
// text.
template <typename Body>
std::optional<core::Error> first_fault(const json::Reading<Body>& reading) {
    if (reading.malformed) return invalid_body();
    std::optional<core::Error> fault;
    json::for_each_field<Body>([&](const auto& field) {
        if (fault) return;
        const std::string name(field.name);
        if (const json::Problem* const problem = reading.problem(field.name)) {
            fault = invalid(name + ": " + rule_text(*problem, field.rules));
        } else if (text_of(reading.value.*field.member).find('\0') != std::string_view::npos) {
            fault = invalid(name + ": must not have a NUL character");
        }
    });
    return fault;
}

bool is_huge(const json::Problem* problem) {
    return problem != nullptr && problem->wrong == json::Wrong::out_of_range;
}

// Ids beyond 63 bits are numbers all the same, of nothing that is there (S17).
template <typename Body>
void forgive_huge(json::Reading<Body>& reading, std::string_view name) {
    std::erase_if(reading.problems, [&](const json::Problem& problem) {
        return problem.path == name && problem.wrong == json::Wrong::out_of_range;
    });
}

}  // namespace

Result<NewProduct> read_product(std::string_view body, std::pmr::memory_resource& memory) {
    const json::Reading<ProductBody> read = json::read<ProductBody>(body, memory);
    if (std::optional<core::Error> fault = first_fault(read)) return std::move(*fault);
    return NewProduct{.name = std::string(read.value.name),
                      .price = read.value.price,
                      .description = std::string(read.value.description),
                      .category = std::string(read.value.category),
                      .stock = read.value.stock,
                      .image_url = std::string(read.value.image_url)};
}

// In the order of spec 5.7: a missing product first, then wrong types, then the quantity.
Result<CartChange> read_cart_change(std::string_view body, std::pmr::memory_resource& memory) {
    json::Reading<CartBody> read = json::read<CartBody>(body, memory);
    if (read.malformed) return invalid_body();
    if (!read.value.product_id) return missing_product_id();
    const bool is_nobodys = is_huge(read.problem("product_id"));
    forgive_huge(read, "product_id");
    forgive_huge(read, "cart_id");
    const bool is_no_quantity = read.problem("quantity") != nullptr || !read.value.quantity;
    std::erase_if(read.problems,
                  [](const json::Problem& problem) { return problem.path == "quantity"; });
    if (std::optional<core::Error> fault = first_fault(read)) return std::move(*fault);
    if (is_no_quantity) return invalid_quantity();
    if (is_nobodys) return no_such_product();
    return CartChange{.product_id = *read.value.product_id, .quantity = *read.value.quantity};
}

Result<NewReview> read_review(std::string_view body, std::pmr::memory_resource& memory) {
    json::Reading<ReviewBody> read = json::read<ReviewBody>(body, memory);
    const bool is_nobodys = is_huge(read.problem("product_id"));
    forgive_huge(read, "product_id");
    for (const auto& [name, text] :
         {std::pair("title", read.value.title), std::pair("content", read.value.content)}) {
        if (text.empty() || !trimmed(text).empty()) continue;
        read.problems.push_back({name, json::Wrong::type, "must not be blank"});
    }
    if (std::optional<core::Error> fault = first_fault(read)) return std::move(*fault);
    if (is_nobodys) return no_such_product();
    return NewReview{.product_id = read.value.product_id,
                     .title = std::string(read.value.title),
                     .rating = read.value.rating,
                     .content = std::string(read.value.content)};
}

// Line breaks are looked for in what was sent: trimming must not hide a try to write another
// header.
Result<SentContact> read_contact(std::string_view body, std::pmr::memory_resource& memory) {
    const json::Reading<ContactBody> read = json::read<ContactBody>(body, memory);
    if (std::optional<core::Error> fault = first_fault(read)) return std::move(*fault);
    const std::string_view subject = read.value.subject.value_or("");
    SentContact sent{.name = std::string(trimmed(read.value.name)),
                     .email = std::string(read.value.email),
                     .subject = std::string(trimmed(subject)),
                     .message = std::string(trimmed(read.value.message)),
                     .is_robot = !read.value.website.value_or("").empty()};
    if (has_line_break(read.value.name)) return invalid("name: must not have line breaks");
    if (sent.name.empty() || code_points(sent.name) > contact_name_max)
        return invalid("name: must have 1 to 100 characters");
    if (has_line_break(sent.email)) return invalid("email: must not have line breaks");
    if (!is_email(sent.email)) return invalid("email: must be an email address");
    if (has_line_break(subject)) return invalid("subject: must not have line breaks");
    if (code_points(subject) > subject_max)
        return invalid("subject: must have at most 150 characters");
    if (sent.message.empty() || code_points(sent.message) > message_max)
        return invalid("message: must have 1 to 5000 characters");
    return sent;
}

Result<NewOrder> read_order(std::string_view body, std::pmr::memory_resource& memory) {
    json::Reading<OrderBody> read = json::read<OrderBody>(body, memory);
    for (const auto& [name, text] :
         {std::pair("name", read.value.name), std::pair("address", read.value.address),
          std::pair("phone", read.value.phone),
          std::pair("payment_method", read.value.payment_method)}) {
        if (text.empty() || !trimmed(text).empty()) continue;
        read.problems.push_back({name, json::Wrong::type, "must not be blank"});
    }
    if (std::optional<core::Error> fault = first_fault(read)) return std::move(*fault);
    return NewOrder{.name = std::string(read.value.name),
                    .address = std::string(read.value.address),
                    .phone = std::string(read.value.phone),
                    .payment_method = std::string(read.value.payment_method),
                    .idempotency_key = {},
                    .digest = {}};
}

std::string write_list(const std::vector<Product>& products) {
    json::Output out;
    out.reserve(256 + products.size() * 512);
    json::write(Answered<std::vector<Product>>{"Successfully retrieved product list.", products},
                out);
    return std::string(out);
}

std::string write_webhook(const ContactRow& row, const std::string& created_at) {
    json::Output out;
    std::optional<std::string> subject;
    if (!row.subject.empty()) subject = row.subject;
    json::write(WebhookBody{row.id, row.name, row.email, subject, row.message, created_at}, out);
    return std::string(out);
}

}  // namespace souk::store
