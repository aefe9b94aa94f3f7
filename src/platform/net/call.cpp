#include "platform/net/call.h"

#include "platform/net/http_transfer.h"

namespace souk::net {

Answer send(const Call& call) {
    HttpTransfer transfer(call);
    return transfer.finish(curl_easy_perform(transfer.handle()));
}

}  // namespace souk::net
