#include "services/store/upload_signature.h"

#include "platform/core/uuid.h"
#include "services/store/keyed_hash.h"

namespace souk::store {
namespace {

constexpr std::int64_t life_seconds =
    1'800;  // what ImageKit's own library gives; an hour is its most

}  // namespace

std::string upload_signature(const std::string& private_key, const std::string& token,
                             std::int64_t expire) {
    return hmac_sha1(private_key, token + std::to_string(expire));
}

UploadSignature sign_upload(const std::string& private_key, core::Time now, core::Random& random) {
    UploadSignature made;
    made.token = core::to_string(core::make_uuid_v4(random));
    made.expire = core::to_ms(now) / 1'000 + life_seconds;
    made.signature = upload_signature(private_key, made.token, made.expire);
    return made;
}

}  // namespace souk::store
