#include "orders.h"

namespace offer {

namespace {

constexpr std::string_view blank_uuid = "00000000-0000-4000-8000-000000000000";

}  // namespace

Orders::Orders(std::string_view product, std::uint64_t seed) : random_(seed) {
    std::string body = R"({"productId":")";
    body.append(product).append(R"(","userId":")");
    const std::size_t user_in_body = body.size();
    body.append(blank_uuid).append(R"("})");

    request_ = "POST /order HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    request_.append("Content-Length: ").append(std::to_string(body.size()));
    request_.append("\r\nx-idempotency-key: ");
    key_at_ = request_.size();
    request_.append(blank_uuid).append("\r\n\r\n");
    user_at_ = request_.size() + user_in_body;
    request_.append(body);
}

std::string_view Orders::next() {
    write_uuid(key_at_);
    write_uuid(user_at_);
    return request_;
}

void Orders::write_uuid(std::size_t offset) {
    constexpr std::string_view digits = "0123456789abcdef";
    constexpr std::string_view variants = "89ab";
    std::uint64_t bits[2] = {random_(), random_()};
    for (std::size_t i = 0; i < blank_uuid.size(); ++i) {
        if (blank_uuid[i] == '-' || i == 14) continue;  // dashes and the version digit stay
        std::uint64_t& source = bits[i < 18 ? 0 : 1];
        request_[offset + i] = i == 19 ? variants[source & 3] : digits[source & 15];
        source >>= 4;
    }
}

Outcome outcome_of(int status, std::string_view body) {
    if (status == 302) return Outcome::limited;
    if (status == 409) return Outcome::sold_out;
    if (status != 200) return Outcome::unexpected;
    if (body.find(R"("status":"success")") != std::string_view::npos) return Outcome::accepted;
    if (body.find(R"("status":"ignored")") != std::string_view::npos) return Outcome::ignored;
    return Outcome::unexpected;
}

}  // namespace offer
