// One mail on its way to an SMTP server, and how far the conversation has come.
#pragma once

#include "platform/net/client.h"
#include "platform/net/mail_conversation.h"

#include <cstddef>
#include <stop_token>
#include <string>
#include <string_view>

namespace souk::net {

class MailTransfer final : public MailConversation {
public:
    // Throws Refused or core::Unavailable when recipients or sender are no addresses. `stop` ends
    // it.
    MailTransfer(Delivery delivery, const std::string& ca_file, std::stop_token stop);

    // When libcurl is done. Throws as Client::deliver says.
    void finish(CURLcode code) const;

private:
    // What of the mail the server was told last.
    enum class Stage { before, sender, recipients, message };

    void check_addresses() const;
    void set_message();
    bool is_refused() const;

    void told(std::string_view command) override;
    bool is_enough() const override;

    static std::size_t give_text(char* into, std::size_t size, std::size_t count, void* self);

    const Delivery delivery_;
    const std::stop_token stop_;
    Lines recipients_;
    std::size_t given_ = 0;  // of the text
    Stage stage_ = Stage::before;
};

}  // namespace souk::net
