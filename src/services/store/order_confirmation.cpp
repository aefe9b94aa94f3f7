#include "services/store/order_confirmation.h"

#include "services/store/confirmations.h"
#include "services/store/contact_forward.h"

#include <stdexcept>
#include <string>
#include <utility>

namespace souk::store {
// What the unit of a price is, the contract leaves open: numbers are shown as they are.
mail::Message confirmation_mail(const PlacedOrder& placed, std::int64_t job) {
    const std::string id = std::to_string(placed.order.id);
    mail::Message mail;
    mail.to = placed.email;
    mail.subject = "Your order " + id;
    mail.text = "Thank you for your order, " + placed.name + ".\n\n";
    for (const OrderLine& line : placed.lines) {
        mail.text += std::to_string(line.quantity) + " x " + line.name + " at " +
                     std::to_string(line.price) + "\n";
    }
    mail.text += "\nTotal: " + std::to_string(placed.order.total_amount) + "\n";
    mail.text += "It will be sent to: " + placed.address + "\n";
    // Another mail for one that is sent once more, and also when the tables begin anew at 1.
    mail.id = "order-" + id + "-" + std::to_string(job) + "-" +
              std::to_string(placed.order.created_at_ms);
    return mail;
}

Store::Also OrderConfirmation::job() {
    if (mail_ == nullptr) return {};
    return [this](std::int64_t order_id) {
        return jobs::enqueue(confirm_kind, std::to_string(order_id), clock_.now());
    };
}

jobs::Kind OrderConfirmation::kind() {
    using namespace std::chrono_literals;
    jobs::Kind kind;
    kind.name = confirm_kind;
    kind.work = [this](jobs::Job job) { return confirm(std::move(job)); };
    kind.retry_after = {60s, 300s, 1'800s, 7'200s};
    kind.lease = mailing_lease;
    return kind;
}

core::Task<> OrderConfirmation::confirm(jobs::Job job) {
    const std::optional<PlacedOrder> placed = co_await store_.find_order(std::stoll(job.payload));
    if (!placed) co_return;
    if (mail_ == nullptr) throw std::runtime_error(no_mail);
    co_await mail_->send(confirmation_mail(*placed, job.id));
}

}  // namespace souk::store
