#include "thimble/model/security_archive.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace thimble::model {
namespace {

OsRelease release(std::string id, std::string version, std::string codename) {
    OsRelease os;
    os.id = std::move(id);
    os.version_id = std::move(version);
    os.version_codename = std::move(codename);
    return os;
}

OfferOrigin archive(std::string label, std::string suite, std::string codename) {
    OfferOrigin origin;
    origin.label = std::move(label);
    origin.archive = std::move(suite);
    origin.codename = std::move(codename);
    return origin;
}

bool carried(const OsRelease& os, const std::vector<OfferOrigin>& archives) {
    return carries_security_updates(os, archives);
}

TEST(CarriesSecurityUpdates, WantsTheSecurityArchiveOfThisVeryRelease) {
    const OsRelease bookworm = release("debian", "12", "bookworm");
    const OfferOrigin main = archive("Debian", "oldstable", "bookworm");

    EXPECT_FALSE(carried(bookworm, {}));
    EXPECT_FALSE(
        carried(bookworm, {main, archive("Debian", "oldstable-updates", "bookworm-updates")}));
    EXPECT_FALSE(carried(
        bookworm, {main, archive("Debian-Security", "stable-security", "trixie-security")}));
    EXPECT_TRUE(carried(
        bookworm, {main, archive("Debian-Security", "oldstable-security", "bookworm-security")}));
    EXPECT_TRUE(
        carried(release("debian", "10", "buster"), {archive("Debian-Security", "", "buster")}))
        << "as Debian called it before";
    EXPECT_TRUE(carried(bookworm, {archive("", "bookworm-security", "")}))
        << "a mirror's, which tells no more";
}

TEST(CarriesSecurityUpdates, KnowsUbuntusPocketsByTheirSuite) {
    const OsRelease jammy = release("ubuntu", "22.04", "jammy");

    EXPECT_FALSE(carried(
        jammy, {archive("Ubuntu", "jammy", "jammy"), archive("Ubuntu", "jammy-updates", "jammy")}));
    EXPECT_TRUE(carried(jammy, {archive("Ubuntu", "jammy-security", "jammy")}));
}

TEST(MayBeSecurityArchive, GoesByWhatIsConfigured) {
    const OsRelease bookworm = release("debian", "12", "bookworm");
    const auto may_be = [](const OsRelease& os, const char* uri, const char* suite) {
        return may_be_security_archive(os, {uri, suite});
    };

    EXPECT_TRUE(
        may_be(bookworm, "http://security.debian.org/debian-security", "bookworm-security"));
    EXPECT_TRUE(may_be(bookworm, "http://mirror.example.org/debian", "bookworm-security"));
    EXPECT_TRUE(may_be(bookworm, "http://mirror.example.org/security", "stable-security"));
    EXPECT_TRUE(may_be(bookworm, "http://mirror.example.org/debian-security", "./"));
    EXPECT_TRUE(
        may_be(release("debian", "10", "buster"), "http://security.debian.org/", "buster/updates"));
    EXPECT_FALSE(may_be(bookworm, "http://mirror.example.org/debian", "bookworm"));
    EXPECT_FALSE(may_be(bookworm, "http://mirror.example.org/debian", "bookworm-updates"));
    EXPECT_FALSE(may_be(bookworm, "http://security.debian.org/debian-security", "trixie-security"));
    const OsRelease jammy = release("ubuntu", "22.04", "jammy");
    EXPECT_TRUE(may_be(jammy, "http://archive.ubuntu.com/ubuntu", "jammy-security"));
    EXPECT_FALSE(may_be(jammy, "http://security.ubuntu.com/ubuntu", "jammy-updates"))
        << "all pockets are there";
}

TEST(CarriesSecurityUpdates, AsksForNoneWhereThereIsNoSuchArchive) {
    EXPECT_TRUE(carried(release("debian", "", "forky"), {archive("Debian", "unstable", "sid")}));
    EXPECT_TRUE(carried(release("raspbian", "12", "bookworm"), {}));
    EXPECT_TRUE(carried(release("almalinux", "9", ""), {}));
}

}  // namespace
}  // namespace thimble::model
