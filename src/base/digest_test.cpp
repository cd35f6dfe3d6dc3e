#include "thimble/base/digest.hpp"

#include <gtest/gtest.h>

namespace thimble {
namespace {

// FIPS 180-4's examples and RFC 1321, appendix A.5.
TEST(Digest, AgreesWithThePublishedVectors) {
    EXPECT_EQ(sha256_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(sha256_of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(md5_of("abc"), "900150983cd24fb0d6963f7d28e17f72");
    EXPECT_EQ(md5_of(""), "d41d8cd98f00b204e9800998ecf8427e");
}

TEST(Digest, IsTheSameInHoweverManyPieces) {
    Digest digest(DigestKind::Sha256);
    digest.add("a");
    digest.add("");
    digest.add("bc");

    EXPECT_EQ(digest.finish(), sha256_of("abc"));
}

}  // namespace
}  // namespace thimble
