// Mail by SMTP.
#include "platform/mail/compose.h"
#include "platform/mail/mail.h"

#include <utility>

namespace souk::mail {
namespace {

class Smtp final : public Sender {
public:
    Smtp(SmtpOptions options, net::Client& client, const core::Clock& clock)
        : options_(std::move(options)),
          from_(sender_of(options_.from)),
          client_(client),
          clock_(clock) {}

    core::Task<> send(Message message) override {
        net::Delivery delivery{.server = options_.server,
                               .sender = from_.address,
                               .recipients = {recipient_of(message.to).address},
                               .text = compose(message, from_, clock_.now())};
        co_await client_.deliver(std::move(delivery));
    }

    std::string describe() const override {
        return "SMTP at " + options_.server.host + ":" + std::to_string(options_.server.port);
    }

private:
    const SmtpOptions options_;
    const Mailbox from_;
    net::Client& client_;
    const core::Clock& clock_;
};

}  // namespace

std::unique_ptr<Sender> smtp(SmtpOptions options, net::Client& client, const core::Clock& clock) {
    return std::make_unique<Smtp>(std::move(options), client, clock);
}

}  // namespace souk::mail
