#include "services/flash/wire.h"

#include "services/flash/errors.h"
#include "services/flash/rules.h"

namespace souk::flash {

json::Reading<OrderBody> read_order(std::string_view body, std::pmr::memory_resource& memory) {
    // A request without a body is an order without fields (the framework of the reference lets it
    // in).
    return json::read<OrderBody>(body.empty() ? "{}" : body, memory);
}

core::Result<NewOrder> check_order(const json::Reading<OrderBody>& body, std::string_view key) {
    if (const core::Result<> fine = check_key(key); !fine) return fine.error();
    if (body.problem("productId")) return missing_product();
    if (const json::Problem* problem = body.problem("userId")) {
        return problem->wrong == json::Wrong::too_long ? invalid_user() : missing_user();
    }
    if (const core::Result<> fine = check_user_id(body.value.user_id); !fine) return fine.error();
    return NewOrder{.product_id = body.value.product_id, .user_id = body.value.user_id, .key = key};
}

core::Result<NewSale> read_sale(std::string_view body, std::pmr::memory_resource& memory) {
    const json::Reading<SaleBody> read = json::read<SaleBody>(body.empty() ? "{}" : body, memory);
    if (read.malformed) return invalid_json();
    if (const json::Problem* problem = read.problem("productId")) {
        return problem->wrong == json::Wrong::missing ? missing_product() : invalid_product();
    }
    if (!is_product_id(read.value.product_id)) return invalid_product();
    if (const json::Problem* problem = read.problem("quantity")) {
        return problem->wrong == json::Wrong::missing ? missing_quantity() : invalid_quantity();
    }
    return NewSale{.product_id = std::string(read.value.product_id),
                   .quantity = read.value.quantity};
}

core::Result<std::optional<std::string>> read_cancel(std::string_view body,
                                                     std::pmr::memory_resource& memory) {
    const json::Reading<CancelBody> read =
        json::read<CancelBody>(body.empty() ? "{}" : body, memory);
    if (read.malformed) return invalid_json();
    if (!read.problems.empty()) return invalid_user();
    if (!read.value.user_id) return std::optional<std::string>();
    return std::optional<std::string>(*read.value.user_id);
}

StatusBody status_body(const OrderStatus& order) {
    return {.status = "ok",
            .order_id = core::to_string(order.id),
            .product_id = order.product_id,
            .state = name(order.state),
            .accepted_at = order.accepted_at_ms,
            .updated_at = order.updated_at_ms};
}

}  // namespace souk::flash
