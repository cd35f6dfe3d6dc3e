#include "thimble/apply/rpm_metadata.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::apply {
namespace {

TEST(ParseRepomd, StaysWithinTheRepository) {
    EXPECT_EQ(
        *parse_repomd("<repomd><data type='primary'><location href='repodata/a-primary.xml.gz'/>"
                      "</data></repomd>"),
        "repodata/a-primary.xml.gz");
    EXPECT_FALSE(
        parse_repomd("<repomd><data type='primary'><location "
                     "href='repodata/../../../etc/passwd'/></data></repomd>"));
}

TEST(PrimaryReader, ReadsAPackageThatComesInPieces) {
    const std::string digest(64, 'a');
    const std::string text = "<metadata><package type=\"rpm\"><name>t-lib</name><arch>noarch</arch>"
                             "<version epoch=\"0\" ver=\"2\" rel=\"1\"/><checksum type=\"sha256\">"
        + digest
        + "</checksum><size package=\"10\" installed=\"20\"/><location href=\"x/t-lib-2-1.rpm\"/>"
          "<format><rpm:sourcerpm>t-2-1.src.rpm</rpm:sourcerpm></format></package></metadata>";
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        std::vector<RepositoryPackage> found;
        PrimaryReader reader([&](RepositoryPackage package) { found.push_back(package); });
        ASSERT_TRUE(reader.take(std::string_view(text).substr(0, cut)));
        ASSERT_TRUE(reader.take(std::string_view(text).substr(cut)));
        ASSERT_EQ(found.size(), 1U) << cut;
        EXPECT_EQ(found[0].package, (PackageVersion{"t-lib", "noarch", "2-1"}));
        EXPECT_EQ(found[0].sha256, digest);
        EXPECT_EQ(found[0].source_rpm, "t-2-1.src.rpm");
        EXPECT_EQ(found[0].installed_bytes, 20);
    }
}

}  // namespace
}  // namespace thimble::apply
