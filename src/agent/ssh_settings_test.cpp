#include "thimble/agent/ssh_settings.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace thimble::agent {
namespace {

// Made, and its fingerprint told, by ssh-keygen of OpenSSH 9.2.
const std::string kKey =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEJqbwweFxwO34KXtHnZXBIeGRP2sHKligB7S5yeXFuA";
const std::string kFingerprint = "SHA256:pFlFXf95YMC5zjfCfp5WP9+BLP4Wgpxy2tHHLSo2vbg";

TEST(SshSettings, ComeBackAsTheyWere) {
    const SshSettings settings{.address = "ssh://ops@web1:2222", .key = "/etc/key", .sudo = true};
    const auto again = parse_ssh_settings(format_ssh_settings(settings));
    ASSERT_TRUE(again.has_value()) << again.error().text();
    EXPECT_EQ(*again, settings);
}

TEST(SshSettings, AreRefusedWithAnAddressThatIsAnOption) {
    for (const char* const bad :
         {"", "{}", R"({"address":"ssh://-oProxyCommand=x","key":null,"sudo":false})"}) {
        EXPECT_EQ(parse_ssh_settings(bad).error().code, "agent.bad_state") << bad;
    }
}

TEST(HostKey, IsReadFromEveryKindOfLine) {
    EXPECT_EQ(*parse_host_key(kKey), kKey);
    EXPECT_EQ(*parse_host_key(kKey + " root@web1\n"), kKey);
    EXPECT_EQ(*parse_host_key("[web1]:2222,10.0.0.1 " + kKey), kKey);
}

TEST(HostKey, IsRefusedWhenItIsNone) {
    const std::string other_type = "ssh-rsa" + kKey.substr(kKey.find(' '));
    for (const std::string& bad :
         {std::string(),
          std::string("ssh-ed25519"),
          std::string("ssh-ed25519 AAAA"),
          std::string("ssh-ed25519 $(id)"),
          other_type,
          std::string(10'000, 'a')}) {
        EXPECT_EQ(parse_host_key(bad).error().code, "agent.bad_host_key") << bad;
    }
}

TEST(HostKey, HasTheFingerprintThatOpenSshShows) {
    EXPECT_EQ(fingerprint_of_key(kKey), kFingerprint);
}

TEST(HostKey, IsFoundInWhatAScanPrints) {
    const std::string scan =
        "# web1:22 SSH-2.0-OpenSSH_9.2\nweb1 ssh-rsa garbage\nweb1 " + kKey + "\n";
    EXPECT_EQ(keys_in_scan(scan), std::vector<std::string>{kKey});
    EXPECT_LE(
        keys_in_scan(
            std::string(10, '\n') +
            [&] {
                std::string many;
                for (int at = 0; at < 100; ++at) {
                    many += "web1 " + kKey + "\n";
                }
                return many;
            }())
            .size(),
        16U);
}

TEST(SshOptions, BelieveTheFileOfTheHostAlone) {
    const auto options =
        ssh_options({.address = "ssh://web1", .key = "/k"}, "/relay/host/known_hosts");
    for (const char* const wanted :
         {"-oStrictHostKeyChecking=yes",
          "-oUserKnownHostsFile=/relay/host/known_hosts",
          "-oGlobalKnownHostsFile=/dev/null",
          "-oHostKeyAlias=thimble-host",
          "-oIdentitiesOnly=yes"}) {
        EXPECT_NE(std::ranges::find(options, wanted), options.end()) << wanted;
    }
}

TEST(FolderName, StaysInItsFolder) {
    EXPECT_EQ(folder_name_of({.user = "", .name = "..", .port = 0}), "host-..-22");
    EXPECT_EQ(
        folder_name_of({.user = "", .name = "fe80::1%eth0", .port = 9}), "host-fe80__1_eth0-9");
}

}  // namespace
}  // namespace thimble::agent
