#include "thimble/server/authority.hpp"

#include "thimble/server/certificate_profile.hpp"
#include "thimble/server/password.hpp"
#include "thimble/server/private_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>

namespace thimble::server {
namespace {

namespace fs = std::filesystem;

constexpr Instant kNow{std::chrono::seconds(1'790'000'000)};

/// Removed at the end.
struct ScratchFolder {
    ScratchFolder() {
        std::string pattern = (fs::temp_directory_path() / "thimble-keys-XXXXXX").string();
        path = ::mkdtemp(pattern.data());
    }
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;
    ~ScratchFolder() { fs::remove_all(path); }
    fs::path path;
};

}  // namespace

TEST(Authority, IsMadeOnceAndOnlyForItsOwner) {
    const ScratchFolder folder;
    const auto first = Authority::load_or_make(folder.path / "keys", kNow);
    const auto second = Authority::load_or_make(folder.path / "keys", kNow);

    ASSERT_TRUE(first && second);
    EXPECT_EQ(first->fingerprint(), second->fingerprint());
    EXPECT_EQ(first->fingerprint().size(), 64U);
    EXPECT_EQ(first->deployment_public_key(), second->deployment_public_key());
    for (const char* name : {"authority.crt", "authority.key", "deployment.key"}) {
        struct stat info{};
        ASSERT_EQ(::stat((folder.path / "keys" / name).c_str(), &info), 0);
        EXPECT_EQ(info.st_mode & 0777U, 0600U) << name;
    }
}

TEST(Authority, RefusesKeysThatOthersCanReadOrThatDoNotBelongTogether) {
    const ScratchFolder folder;
    const fs::path keys = folder.path / "keys";
    ASSERT_TRUE(Authority::load_or_make(keys, kNow));
    ASSERT_TRUE(Authority::load_or_make(folder.path / "other", kNow));

    fs::permissions(keys / "authority.key", fs::perms(0644));
    EXPECT_EQ(Authority::load_or_make(keys, kNow).error().code, "server.file_exposed");
    fs::copy_file(
        folder.path / "other/authority.key",
        keys / "authority.key",
        fs::copy_options::overwrite_existing);
    fs::permissions(keys / "authority.key", fs::perms(0600));
    EXPECT_EQ(Authority::load_or_make(keys, kNow).error().code, "server.bad_key");
}

TEST(Authority, NeverMakesHalfAnew) {
    for (const char* lost : {"authority.crt", "authority.key"}) {
        const ScratchFolder folder;
        const fs::path keys = folder.path / "keys";
        ASSERT_TRUE(Authority::load_or_make(keys, kNow));
        fs::remove(keys / lost);

        EXPECT_EQ(Authority::load_or_make(keys, kNow).error().code, "server.bad_key") << lost;
    }
}

TEST(Authority, TheServersCertificateIsRenewedBeforeItEndsAndForOtherNames) {
    const ScratchFolder folder;
    const auto authority = Authority::load_or_make(folder.path / "keys", kNow);
    ASSERT_TRUE(authority);
    const auto certificate = [&](const std::vector<std::string>& names, Instant now) {
        return authority->server_identity(names, now)->certificate;
    };

    const std::string first = certificate({"a.example", "127.0.0.1", "::1"}, kNow);
    EXPECT_EQ(certificate({"a.example", "127.0.0.1", "::1"}, kNow + Days(300)), first);
    EXPECT_NE(certificate({"b.example"}, kNow), first);
    EXPECT_NE(certificate({"b.example"}, kNow + Days(340)), first);
    EXPECT_EQ(authority->server_identity({"a,DNS:b"}, kNow).error().code, "server.bad_name");
}

TEST(Authority, SignsForNoKeyThatTheRequestDoesNotProve) {
    const ScratchFolder folder;
    const auto authority = Authority::load_or_make(folder.path / "keys", kNow);
    ASSERT_TRUE(authority);

    for (const std::string& csr : {std::string(), std::string("x"), std::string(9000, 'x')}) {
        EXPECT_EQ(authority->issue_host_certificate(csr, "h", kNow).error().code, "server.bad_csr");
    }
}

TEST(CertificateProfile, AHostMayBeNeitherServerNorAuthority) {
    const CertificateProfile host = host_profile("h1", kNow);

    EXPECT_EQ(host.extended_key_usage, "clientAuth");
    EXPECT_EQ(host.basic_constraints, "critical,CA:FALSE");
    EXPECT_EQ(host.not_after - kNow, Days(90));
    EXPECT_EQ(
        server_profile({"a.b", "10.0.0.1", "::1"}, kNow).alternative_names,
        "DNS:a.b,IP:10.0.0.1,IP:::1");
    EXPECT_EQ(authority_profile(kNow).basic_constraints, "critical,CA:TRUE,pathlen:0");
}

TEST(Password, IsKnownAgainAndNeverByAnEmptyHash) {
    const auto hash = hash_password("correct horse battery");

    ASSERT_TRUE(hash);
    EXPECT_TRUE(hash->starts_with("$argon2id$v=19$m=65536,t=3,p=4$")) << *hash;
    EXPECT_TRUE(is_password(*hash, "correct horse battery"));
    EXPECT_FALSE(is_password(*hash, "correct horse batterx"));
    EXPECT_FALSE(is_password("", "nobody's password"));
    EXPECT_NE(*hash_password("correct horse battery"), *hash);
    EXPECT_EQ(hash_password("short").error().code, "server.weak_password");
}

TEST(PrivateFile, IsReplacedWholeAndRefusedWhenExposed) {
    const ScratchFolder folder;
    const fs::path file = folder.path / "x";

    ASSERT_TRUE(write_private_file(file, "one"));
    ASSERT_TRUE(write_private_file(file, "two"));
    EXPECT_EQ(*read_private_file(file), "two");
    EXPECT_EQ(read_private_file(folder.path / "y").error().kind, ErrorKind::NotFound);
    fs::permissions(file, fs::perms(0640));
    EXPECT_EQ(read_private_file(file).error().code, "server.file_exposed");
}

}  // namespace thimble::server
