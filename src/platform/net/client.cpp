#include "platform/net/client.h"

#include "platform/net/engine.h"
#include "platform/net/http_transfer.h"
#include "platform/net/mail_transfer.h"

#include <utility>

namespace souk::net {

// Mail has a thread of its own, because libcurl does nothing else while it waits for an SMTP
// server's word on a message: a slow server holds up other mail, but no call.
class Client::Parts {
public:
    explicit Parts(ClientOptions options)
        : ca_file(std::move(options.ca_file)),
          calls("net-http", options.under_way_max),
          mails("net-mail", options.under_way_max) {}

    const std::string ca_file;
    Engine calls;
    Engine mails;
};

Client::Client(ClientOptions options) : parts_(std::make_unique<Parts>(std::move(options))) {}

Client::~Client() = default;

core::Task<Answer> Client::send(Call call) {
    const auto transfer = std::make_shared<HttpTransfer>(std::move(call), parts_->ca_file);
    const CURLcode code = co_await parts_->calls.run(transfer);
    co_return transfer->finish(code);
}

core::Task<> Client::deliver(Delivery delivery) {
    const auto transfer = std::make_shared<MailTransfer>(std::move(delivery), parts_->ca_file,
                                                         parts_->mails.stop_token());
    const CURLcode code = co_await parts_->mails.run(transfer);
    transfer->finish(code);
}

}  // namespace souk::net
