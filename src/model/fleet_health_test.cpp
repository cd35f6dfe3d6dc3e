#include "thimble/model/fleet_health.hpp"

#include <gtest/gtest.h>

namespace thimble::model {
namespace {

HealthProbe http(const std::string& url) {
    return {"web", ProbeKind::Http, url, {}, std::chrono::seconds(10)};
}

HealthProbe tcp(const std::string& address) {
    return {"db", ProbeKind::Tcp, address, {}, std::chrono::seconds(10)};
}

TEST(FleetProbe, AsksTheHostItself) {
    for (const char* url :
         {"http://127.0.0.1/",
          "http://127.0.0.1:8080/x?a=b@c",
          "https://localhost",
          "http://[::1]:80/"}) {
        EXPECT_EQ(why_no_fleet_probe(http(url)), "") << url;
    }
    for (const char* address : {"127.0.0.1:5432", "localhost:1", "[::1]:65535", "127.9.8.7:22"}) {
        EXPECT_EQ(why_no_fleet_probe(tcp(address)), "") << address;
    }
}

TEST(FleetProbe, LooksNowhereElse) {
    for (const char* url :
         {"http://10.0.0.1/",
          "http://127.0.0.1@evil/",
          "http://127.0.0.1.evil/",
          "http://0127.0.0.1/",
          "http://127.0.0.1\\@evil/",
          "http://127.1/",
          "http://2130706433/",
          "http://localhost.evil/",
          "ftp://127.0.0.1/",
          "http://127.0.0.1:0/",
          "http://127.0.0.1/a b",
          "http://[::1/",
          ""}) {
        EXPECT_NE(why_no_fleet_probe(http(url)), "") << url;
    }
    for (const char* address :
         {"127.0.0.1",
          "10.0.0.1:80",
          "127.0.0.1:70000",
          "127.0.0.1:",
          "127.0.0.1:8o",
          "[::1]",
          ":80",
          "127.0.0.1:80/../"}) {
        EXPECT_NE(why_no_fleet_probe(tcp(address)), "") << address;
    }
}

TEST(FleetProbe, IsNoCommandAndHasAPlainName) {
    HealthProbe command = tcp("127.0.0.1:80");
    command.argv = {"/bin/true"};
    EXPECT_NE(why_no_fleet_probe(command), "");
    command.kind = ProbeKind::Command;
    EXPECT_NE(why_no_fleet_probe(command), "");
    for (const char* name : {"", "-x", "a=b", "A", "a b"}) {
        HealthProbe probe = tcp("127.0.0.1:80");
        probe.name = name;
        EXPECT_NE(why_no_fleet_probe(probe), "") << name;
    }
}

TEST(FleetHealth, IsBounded) {
    EXPECT_EQ(why_no_fleet_health({}), "");
    PlanHealth health;
    health.probes = {tcp("127.0.0.1:80"), tcp("127.0.0.1:81")};
    EXPECT_NE(why_no_fleet_health(health), "") << "two of one name";
    health.probes.back().name = "other";
    EXPECT_EQ(why_no_fleet_health(health), "");
    health.probes.back().timeout = std::chrono::seconds(5);
    EXPECT_NE(why_no_fleet_health(health), "") << "two times";
    health.probes.pop_back();
    health.settle = std::chrono::hours(2);
    EXPECT_NE(why_no_fleet_health(health), "");
    health.settle = std::chrono::seconds(0);
    health.settle_tries = 0;
    EXPECT_NE(why_no_fleet_health(health), "");
}

}  // namespace
}  // namespace thimble::model
