#include "thimble/verify/ephemeral_ports.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace thimble::verify {
namespace {

using Texts = std::vector<std::string>;

TEST(ParsePortRange, ReadsTwoNumbersAndNothingElse) {
    EXPECT_EQ(parse_port_range("32768\t60999\n"), kUsualPorts);
    for (const char* damaged : {"", "1024", "2000 1000", "1 70000", "x 9", "-1 9"}) {
        EXPECT_EQ(parse_port_range(damaged), PortRange{}) << damaged;
    }
    EXPECT_FALSE(PortRange{}.contains(0));
}

TEST(PairMoved, PairsOnlyWhatDiffersInAPortOfTheRange) {
    Texts lost{
        "tcp 0.0.0.0:22 sshd",            // no port of the range
        "tcp 0.0.0.0:40000 rpc.statd",    // moved
        "tcp 127.0.0.1:40001 rpc.statd",  // another address
        "tcp [::]:40002 rpc.statd",       // moved
        "udp 0.0.0.0:40003 rpc.statd"};   // another process
    Texts found{
        "tcp 0.0.0.0:2222 sshd",
        "tcp 0.0.0.0:50000 rpc.statd",
        "tcp 0.0.0.0:50001 rpc.statd",
        "tcp [::]:50002 rpc.statd",
        "udp 0.0.0.0:50003 rpc.mountd"};

    EXPECT_EQ(pair_moved(kUsualPorts, lost, found), 2U);
    EXPECT_EQ(
        lost,
        (Texts{
            "tcp 0.0.0.0:22 sshd",
            "tcp 127.0.0.1:40001 rpc.statd",
            "udp 0.0.0.0:40003 rpc.statd"}));
    EXPECT_EQ(
        found,
        (Texts{
            "tcp 0.0.0.0:2222 sshd",
            "tcp 0.0.0.0:50001 rpc.statd",
            "udp 0.0.0.0:50003 rpc.mountd"}));
}

TEST(PairMoved, PairsNothingWhenTheRangeIsNotKnownAndWithDamagedListeners) {
    Texts lost{"tcp 0.0.0.0:40000 x", "tcp", "", "tcp 0.0.0.0:99999 x", "tcp 0.0.0.0: x"};
    Texts found{"tcp 0.0.0.0:40001 x", "tcp", "", "tcp 0.0.0.0:99998 x"};

    EXPECT_EQ(pair_moved(PortRange{}, lost, found), 0U);
    EXPECT_EQ(lost.size(), 5U);
    EXPECT_EQ(pair_moved(kUsualPorts, lost, found), 1U);
}

}  // namespace
}  // namespace thimble::verify
