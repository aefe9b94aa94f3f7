#include "platform/core/uuid.h"

#include <gtest/gtest.h>

namespace souk::core {
namespace {

TEST(Uuid, version_7_carries_its_time_and_the_version_bits) {
    SystemRandom random;

    const std::string text = to_string(make_uuid_v7(from_ms(0x0123456789AB), random));

    EXPECT_EQ(text.substr(0, 15), "01234567-89ab-7");
    EXPECT_NE(std::string("89ab").find(text[19]), std::string::npos);
}

TEST(Uuid, version_4_is_random_but_for_its_version_bits) {
    SystemRandom random;

    const std::string text = to_string(make_uuid_v4(random));

    EXPECT_EQ(text[14], '4');
    EXPECT_NE(std::string("89ab").find(text[19]), std::string::npos);
    EXPECT_NE(to_string(make_uuid_v4(random)), text);
}

TEST(Uuid, text_and_bytes_are_each_others_inverse) {
    const std::optional<Uuid> uuid = parse_uuid("550E8400-e29b-41d4-a716-446655440000");

    ASSERT_TRUE(uuid);
    EXPECT_EQ(to_string(*uuid), "550e8400-e29b-41d4-a716-446655440000");
}

TEST(Uuid, anything_but_the_canonical_form_is_no_uuid) {
    for (const char* wrong :
         {"", "550e8400e29b41d4a716446655440000", "550e8400-e29b-41d4-a716-44665544000g",
          "550e8400-e29b-41d4-a716-4466554400000", "550e8400-e29b-41d4-a7166446655440000"}) {
        EXPECT_FALSE(parse_uuid(wrong)) << wrong;
    }
}

}  // namespace
}  // namespace souk::core
