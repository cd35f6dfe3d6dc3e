#include "thimble/apply/sha256.hpp"

#include <gtest/gtest.h>

namespace thimble::apply {
namespace {

TEST(Sha256, AgreesWithThePublishedVectors) {
    EXPECT_EQ(sha256_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(sha256_of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Sha256, TellsAFileThatIsNotThere) {
    EXPECT_EQ(sha256_of_file("/nowhere/at/all").error().kind, ErrorKind::NotFound);
}

}  // namespace
}  // namespace thimble::apply
