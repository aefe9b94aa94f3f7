// A look at an SMTP server: everything of a delivery but the mail.
#include "platform/net/mail_conversation.h"

namespace souk::net {
namespace {

using Trouble = MailCheck::Trouble;

class Visit final : public MailConversation {
public:
    Visit(const MailServer& server, const std::string& sender, std::chrono::milliseconds patience,
          const std::string& ca_file)
        : MailConversation(server, sender, patience, ca_file), wants_login_(!server.user.empty()) {
        set(CURLOPT_CUSTOMREQUEST, "NOOP");
        set(CURLOPT_NOBODY, 1L);  // its answer is nobody's text
        set(CURLOPT_ERRORBUFFER, why_);
    }

    MailCheck finish(CURLcode code) const {
        if (code != CURLE_OK)
            return {trouble_of(code), said(why_[0] != '\0' ? why_ : curl_easy_strerror(code))};
        // libcurl goes on without a login when it is not offered, and so would a delivery.
        if (wants_login_ && !was_login_tried_)
            return {Trouble::login, said("a user is set, and the server offers no login")};
        return {};
    }

private:
    void told(std::string_view command) override {
        if (command.starts_with("AUTH ")) was_login_tried_ = true;
    }

    Trouble trouble_of(CURLcode code) const {
        switch (code) {
            case CURLE_COULDNT_RESOLVE_HOST:
            case CURLE_COULDNT_CONNECT:
                return Trouble::connection;
            case CURLE_OPERATION_TIMEDOUT:
                return Trouble::silence;
            case CURLE_USE_SSL_FAILED:
            case CURLE_SSL_CONNECT_ERROR:
                return Trouble::tls;
            case CURLE_PEER_FAILED_VERIFICATION:
                return Trouble::certificate;
            case CURLE_LOGIN_DENIED:
                return Trouble::login;
            default:
                return Trouble::refusal;
        }
    }

    const bool wants_login_;
    bool was_login_tried_ = false;
    char why_[CURL_ERROR_SIZE] = {};
};

}  // namespace

MailCheck check(const MailServer& server, const std::string& sender,
                std::chrono::milliseconds patience, const std::string& ca_file) {
    Visit visit(server, sender, patience, ca_file);
    return visit.finish(curl_easy_perform(visit.handle()));
}

}  // namespace souk::net
