#include "thimble/shield/outside_probe.hpp"

#include "thimble/base/digest.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/host/system_clock.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace thimble::shield {
namespace {

/// A port of the loopback, at which somebody listens as long as this lives.
struct Listener {
    host::Descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    std::uint16_t port = 0;

    Listener() {
        sockaddr_in name{};
        name.sin_family = AF_INET;
        name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof name;
        auto* const address = static_cast<sockaddr*>(static_cast<void*>(&name));
        EXPECT_EQ(::bind(socket.number(), address, size), 0);
        EXPECT_EQ(::listen(socket.number(), 1), 0);
        EXPECT_EQ(::getsockname(socket.number(), address, &size), 0);
        port = ntohs(name.sin_port);
    }
};

OutsideProbe probe_of(std::uint16_t port, bool from_allowed) {
    return {"c-1", sha256_of("{}"), from_allowed, "127.0.0.1", port};
}

TEST(OutsideProbe, SaysWhetherItGotThroughAndFromWhere) {
    const host::SystemClock clock;
    const Listener listener;

    const auto allowed = probe_from_here(probe_of(listener.port, true), clock);
    ASSERT_TRUE(allowed) << allowed.error().text();
    EXPECT_EQ(allowed->state, ControlState::Holding);
    EXPECT_EQ(allowed->source, "127.0.0.1");
    EXPECT_EQ(allowed->checks.at(0).seen, "connected");

    const auto refused = probe_from_here(probe_of(listener.port, false), clock);
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->state, ControlState::Broken) << "a place that must not got through";
    EXPECT_EQ(refused->checks.at(0).passed, false);
    EXPECT_EQ(*model::parse_control_report(format_control_report(*refused)), *refused);
}

TEST(OutsideProbe, IsRefusedWhereNobodyListens) {
    const host::SystemClock clock;
    std::uint16_t port = 0;
    {
        const Listener listener;
        port = listener.port;
    }
    EXPECT_EQ(probe_from_here(probe_of(port, false), clock)->state, ControlState::Holding);
    EXPECT_EQ(probe_from_here(probe_of(port, true), clock)->state, ControlState::Broken);
}

TEST(OutsideProbe, HasSeenNothingWhereThereIsNoWay) {
    const host::SystemClock clock;
    OutsideProbe probe = probe_of(80, false);
    probe.address = "224.0.0.1";  // to many at once, which TCP does not do
    const auto report = probe_from_here(probe, clock);
    ASSERT_TRUE(report);
    EXPECT_EQ(report->checks.at(0).seen, "no way there");
    EXPECT_FALSE(report->checks.at(0).passed);
    EXPECT_EQ(report->state, ControlState::Broken);
}

TEST(OutsideProbe, TakesAnAddressAndAPortAlone) {
    const host::SystemClock clock;
    for (const char* const address : {"localhost", "127.0.0.1/8", "", "-x"}) {
        OutsideProbe probe = probe_of(80, true);
        probe.address = address;
        EXPECT_EQ(probe_from_here(probe, clock).error().code, "shield.bad_probe") << address;
    }
    EXPECT_FALSE(probe_from_here(probe_of(0, true), clock));
    OutsideProbe nameless = probe_of(80, true);
    nameless.id = "../x";
    EXPECT_FALSE(probe_from_here(nameless, clock));
}

}  // namespace
}  // namespace thimble::shield
