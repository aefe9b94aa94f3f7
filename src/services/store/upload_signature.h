// What lets a browser upload one file to ImageKit by itself (spec 5.2).
#pragma once

#include "platform/core/clock.h"
#include "platform/core/random.h"

#include <cstdint>
#include <string>

namespace souk::store {

struct UploadSignature {
    std::string signature;
    std::string token;
    std::int64_t expire = 0;  // Unix seconds
};

// The token is a fresh UUID: the upload service refuses one that it has seen.
UploadSignature sign_upload(const std::string& private_key, core::Time now, core::Random& random);

// Lower-case hexadecimal HMAC-SHA1 of the token and then the decimal time.
std::string upload_signature(const std::string& private_key, const std::string& token,
                             std::int64_t expire);

}  // namespace souk::store
