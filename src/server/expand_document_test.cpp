#include "thimble/server/expand_document.hpp"

#include "thimble/base/digest.hpp"

#include <gtest/gtest.h>
#include <zstd.h>

namespace thimble::server {
namespace {

std::string compressed(const std::string& text) {
    std::string out(ZSTD_compressBound(text.size()), '\0');
    out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 1));
    return out;
}

std::string refusal_of_document(const std::string& bytes) {
    const auto document = expand_document(bytes);
    return document ? "" : document.error().message;
}

}  // namespace

TEST(ExpandDocument, TellsDigestAndSize) {
    const std::string text(100'000, 'x');

    const auto document = expand_document(compressed(text));

    ASSERT_TRUE(document);
    EXPECT_EQ(document->digest, sha256_of(text));
    EXPECT_EQ(document->bytes, text.size());
    EXPECT_TRUE(expand_document(compressed("")));
}

TEST(ExpandDocument, RefusesWhatExpandsTooFar) {
    EXPECT_TRUE(expand_document(compressed(std::string(kMaxExpandedBytes, 'x'))));
    EXPECT_EQ(
        refusal_of_document(compressed(std::string(kMaxExpandedBytes + 1, 'x'))),
        "the document is larger than 64 MiB when expanded");
}

TEST(ExpandDocument, RefusesEveryTruncationAndWhatFollows) {
    const std::string whole = compressed("the quick brown fox jumps over the lazy dog");
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_NE(refusal_of_document(whole.substr(0, size)), "") << size;
    }
    EXPECT_EQ(refusal_of_document(whole + "x"), "something follows the document");
}

}  // namespace thimble::server
