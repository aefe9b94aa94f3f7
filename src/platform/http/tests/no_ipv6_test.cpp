// Listening on a machine without IPv6: the linker's --wrap puts the functions below between the
// listener and the system's calls.
#include "platform/http/listener.h"
#include "platform/testing/fixed_clock.h"
#include "platform/testing/seeded_random.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <stdexcept>
#include <string>
#include <sys/socket.h>

namespace {

enum class Missing { nothing, family, address, both };
Missing missing = Missing::nothing;

}  // namespace

extern "C" {
int __real_socket(int family, int type, int protocol);
int __real_bind(int socket, const sockaddr* address, socklen_t size);

int __wrap_socket(int family, int type, int protocol) {
    const bool is_missing =
        missing == Missing::both || (missing == Missing::family && family == AF_INET6);
    if (!is_missing) return __real_socket(family, type, protocol);
    errno = EAFNOSUPPORT;
    return -1;
}

int __wrap_bind(int socket, const sockaddr* address, socklen_t size) {
    const bool is_missing = missing == Missing::address && address->sa_family == AF_INET6;
    if (!is_missing) return __real_bind(socket, address, size);
    errno = EADDRNOTAVAIL;
    return -1;
}
}

namespace souk::http {
namespace {

using boost::asio::ip::tcp;

class NoIpv6 : public ::testing::Test {
protected:
    ~NoIpv6() override { missing = Missing::nothing; }

    std::vector<AcceptSocket> bind(const std::string& address) {
        return bind_all(address, 0, lanes_);
    }
    // The kernel takes it into the queue of one of the sockets.
    bool connects(const tcp::endpoint& to) {
        tcp::socket client(context_);
        boost::system::error_code error;
        client.connect(to, error);
        return !error;
    }

private:
    testing::FixedClock clock_;
    testing::SeededRandom random_;
    metrics::Registry registry_;
    core::Loops no_loops_;
    boost::asio::io_context context_;
    std::shared_ptr<Shared> shared_ = std::make_shared<Shared>(
        Server::Parts{no_loops_, clock_, random_, registry_}, ServerLimits());
    std::vector<std::shared_ptr<Lane>> lanes_ = {
        std::make_shared<Lane>(context_, shared_, random_),
        std::make_shared<Lane>(context_, shared_, random_)};
};

TEST_F(NoIpv6, every_address_means_those_of_ipv4_when_there_are_no_others) {
    for (const Missing what : {Missing::family, Missing::address}) {
        missing = what;
        const std::vector<AcceptSocket> sockets = bind("[::]");
        ASSERT_EQ(sockets.size(), 2U) << "one for each loop";
        for (const AcceptSocket& socket : sockets) {
            EXPECT_EQ(socket.local_endpoint().address(), boost::asio::ip::address_v4::any());
            EXPECT_EQ(socket.local_endpoint().port(), sockets.front().local_endpoint().port());
        }
        const std::uint16_t port = sockets.front().local_endpoint().port();
        EXPECT_TRUE(connects({boost::asio::ip::address_v4::loopback(), port}));
    }
}

TEST_F(NoIpv6, an_ipv6_address_that_was_asked_for_by_name_is_not_replaced) {
    missing = Missing::family;
    try {
        bind("[::1]");
        FAIL() << "it listens";
    } catch (const std::runtime_error& refused) {
        EXPECT_NE(std::string(refused.what()).find("cannot listen on ::1"), std::string::npos)
            << refused.what();
    }
}

TEST_F(NoIpv6, without_any_network_the_start_says_why) {
    missing = Missing::both;
    EXPECT_THROW(bind("[::]"), std::runtime_error);
}

TEST_F(NoIpv6, with_it_both_families_are_taken) {
    const std::vector<AcceptSocket> sockets = bind("[::]");
    const std::uint16_t port = sockets.front().local_endpoint().port();
    EXPECT_TRUE(connects({boost::asio::ip::address_v4::loopback(), port}));
}

}  // namespace
}  // namespace souk::http
