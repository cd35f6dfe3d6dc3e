#include "thimble/model/signing_key.hpp"

#include <gtest/gtest.h>

#include <string>

namespace thimble::model {
namespace {

// Made by ssh-keygen -Y sign, with keys that were thrown away.
const std::string kEd25519 =
    "-----BEGIN SSH SIGNATURE-----\n"
    "U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgxh5jImHBr+coFOP7sbNicDEeI0\n"
    "yRnnUO1oHOE+bdb7gAAAAQdGhpbWJsZS1hcHByb3ZhbAAAAAAAAAAGc2hhNTEyAAAAUwAA\n"
    "AAtzc2gtZWQyNTUxOQAAAED+FgrILnqOCwdSdEeuDoc5vg7iJAt5ecdQ57vKz1/ivW64/Z\n"
    "C1fvWGuAXj+a/CptNoQm6v8H7ZECXiRbCpqiAB\n"
    "-----END SSH SIGNATURE-----\n";
/// The same key in a certificate.
const std::string kCertificate =
    "-----BEGIN SSH SIGNATURE-----\n"
    "U1NIU0lHAAAAAQAAAbYAAAAgc3NoLWVkMjU1MTktY2VydC12MDFAb3BlbnNzaC5jb20AAA\n"
    "Agyz3O4JTLnn9QPyS4Ky/lLFl8qqOMHqALVW40YCEtWucAAAAgxh5jImHBr+coFOP7sbNi\n"
    "cDEeI0yRnnUO1oHOE+bdb7gAAAAAAAAAAAAAAAEAAAACaWQAAAAIAAAABGFubmEAAAAAAA\n"
    "AAAP//////////AAAAAAAAAIIAAAAVcGVybWl0LVgxMS1mb3J3YXJkaW5nAAAAAAAAABdw\n"
    "ZXJtaXQtYWdlbnQtZm9yd2FyZGluZwAAAAAAAAAWcGVybWl0LXBvcnQtZm9yd2FyZGluZw\n"
    "AAAAAAAAAKcGVybWl0LXB0eQAAAAAAAAAOcGVybWl0LXVzZXItcmMAAAAAAAAAAAAAADMA\n"
    "AAALc3NoLWVkMjU1MTkAAAAgt6KgHKCPCcHpjAaQ2nOhoGThIdzhgbH5NNTLjM+BGosAAA\n"
    "BTAAAAC3NzaC1lZDI1NTE5AAAAQI8gv8J5pTsJZ36zZ/Uk2j1T4C22J+cyd0F4CPseuxJL\n"
    "y4vudaClL33/AmSEcQMt69AHa1u1ktUM+49AhNLHYg0AAAAQdGhpbWJsZS1hcHByb3ZhbA\n"
    "AAAAAAAAAGc2hhNTEyAAAAUwAAAAtzc2gtZWQyNTUxOQAAAED+FgrILnqOCwdSdEeuDoc5\n"
    "vg7iJAt5ecdQ57vKz1/ivW64/ZC1fvWGuAXj+a/CptNoQm6v8H7ZECXiRbCpqiAB\n"
    "-----END SSH SIGNATURE-----\n";
const std::string kRsa =
    "-----BEGIN SSH SIGNATURE-----\n"
    "U1NIU0lHAAAAAQAAAZcAAAAHc3NoLXJzYQAAAAMBAAEAAAGBALyBmOWuYzvACpc1ywvJXr\n"
    "QpzFUT8bOPsGZ981nxRgImiq8XIrvCKZlVsoquZ6UD91O2Qqn0J1x6njhe4eXC0ocePgK4\n"
    "OOKa8M+W4bSC+GKO9eFZfwM6jBPPuXXvGQvIqFQGBGWGnfh+q9efuyctz2WV+zKQWDrDMR\n"
    "LfqLdBC2J36qzcME8w2m2s93n0XQVGu6X1TLezK9/Qb2Mx1gINZoxThv8uNfBGMcRhgeuq\n"
    "sGF8OVCIVlGQrK44dZKlxPCSaPF91C9yMXHw4sDZQtbZXUTTnrlVqp5jc/9oxiMpDuWkjR\n"
    "fAqi9+iwIPovmZRoWz73HYHicxwtqxPT2ujA4alJenmhhKyLdvsaFG0tiSXg4ywoigGqF6\n"
    "l9WFGbgmw417lTR88VsEKTcRARWWWGDtoXBLUblATefXSknX0XeTultVhqi2UzaR19lTck\n"
    "UoR35qySirNthGjbew1jqqv3KtHv1Pq4vAXYyhzFtVQImkT/dFU13bVChPo0rxZfI8L2sP\n"
    "CwAAABB0aGltYmxlLWFwcHJvdmFsAAAAAAAAAAZzaGE1MTIAAAGUAAAADHJzYS1zaGEyLT\n"
    "UxMgAAAYBUs7dzorR3/yGKOzPgAEm9pXPeHjzFVniri+uQ+x9cObcY/HAP8PSHtz8xA0/e\n"
    "CPTy+4fOLAbBX1DMmZkhAF8jwPVFmq5EQkhpwfzpe4AEAs/txpuKZcMkLegZ2j08Hu0wBh\n"
    "O7+8CWi+/V1x2cZMpTDuxeRfn2q25UjH4HRtfIGLN7NIhc/ekcIRvxwMR5jgQsCz2wP5mp\n"
    "7CD8wd7vOSsT6hwrj+vrpFpPhOybNEwgHnqa43i2Mq8Cgf/I2Z25WScrIN1/rZTFqpWIRK\n"
    "rZsb6sjGBlLpiYyS7dMcvPmTLOtgoM+CjQ/xOVQs+n/5x7pu4F/h5tHtdKih1TA6LYIKQa\n"
    "zmgPQOpsJhpG2XcnP5yuyZ9hK3e6ZlqLLhrLKvQyp0abH8c12XeS21BwTbYitLDFJVgPSv\n"
    "lrlk2F6Kf6yCA62AA/upHNlFE3kxNAo/PS1tD2ahP7Z7G4LlZa3XrZ5CSYeVPuXPkIS6gB\n"
    "MXvBs8YP6imG27GSglQsxJSVH7lgCbo=\n"
    "-----END SSH SIGNATURE-----\n";
/// The same key, its exponent with two more zeros in front.
const std::string kRsaWithZeros =
    "-----BEGIN SSH SIGNATURE-----\n"
    "U1NIU0lHAAAAAQAAAZkAAAAHc3NoLXJzYQAAAAUAAAEAAQAAAYEAvIGY5a5jO8AKlzXLC8\n"
    "letCnMVRPxs4+wZn3zWfFGAiaKrxciu8IpmVWyiq5npQP3U7ZCqfQnXHqeOF7h5cLShx4+\n"
    "Arg44prwz5bhtIL4Yo714Vl/AzqME8+5de8ZC8ioVAYEZYad+H6r15+7Jy3PZZX7MpBYOs\n"
    "MxEt+ot0ELYnfqrNwwTzDabaz3efRdBUa7pfVMt7Mr39BvYzHWAg1mjFOG/y418EYxxGGB\n"
    "66qwYXw5UIhWUZCsrjh1kqXE8JJo8X3UL3IxcfDiwNlC1tldRNOeuVWqnmNz/2jGIykO5a\n"
    "SNF8CqL36LAg+i+ZlGhbPvcdgeJzHC2rE9Pa6MDhqUl6eaGErIt2+xoUbS2JJeDjLCiKAa\n"
    "oXqX1YUZuCbDjXuVNHzxWwQpNxEBFZZYYO2hcEtRuUBN59dKSdfRd5O6W1WGqLZTNpHX2V\n"
    "NyRShHfmrJKKs22EaNt7DWOqq/cq0e/U+ri8BdjKHMW1VAiaRP90VTXdtUKE+jSvFl8jwv\n"
    "aw8LAAAAEHRoaW1ibGUtYXBwcm92YWwAAAAAAAAABnNoYTUxMgAAAZQAAAAMcnNhLXNoYT\n"
    "ItNTEyAAABgFSzt3OitHf/IYo7M+AASb2lc94ePMVWeKuL65D7H1w5txj8cA/w9Ie3PzED\n"
    "T94I9PL7h84sBsFfUMyZmSEAXyPA9UWarkRCSGnB/Ol7gAQCz+3Gm4plwyQt6BnaPTwe7T\n"
    "AGE7v7wJaL79XXHZxkylMO7F5F+farblSMfgdG18gYs3s0iFz96RwhG/HAxHmOBCwLPbA/\n"
    "mansIPzB3u85KxPqHCuP6+ukWk+E7Js0TCAeeprjeLYyrwKB/8jZnblZJysg3X+tlMWqlY\n"
    "hEqtmxvqyMYGUumJjJLt0xy8+ZMs62Cgz4KND/E5VCz6f/nHum7gX+Hm0e10qKHVMDotgg\n"
    "pBrOaA9A6mwmGkbZdyc/nK7Jn2Erd7pmWosuGssq9DKnRpsfxzXZd5LbUHBNtiK0sMUlWA\n"
    "9K+WuWTYXop/rIIDrYAD+6kc2UUTeTE0Cj89LW0PZqE/tnsbguVlrdetnkJJh5U+5c+QhL\n"
    "qAExe8Gzxg/qKYbbsZKCVCzElJUfuWAJug==\n"
    "-----END SSH SIGNATURE-----\n";
const std::string kEcdsa =
    "-----BEGIN SSH SIGNATURE-----\n"
    "U1NIU0lHAAAAAQAAAGgAAAATZWNkc2Etc2hhMi1uaXN0cDI1NgAAAAhuaXN0cDI1NgAAAE\n"
    "EEGQJYxqHJiCApWGeGFgvoZAxIWpam//2rpJvvpDJN+POi4QUfCp9HZrabTdauzzqct5ep\n"
    "K4PCJ/Bz7dOMPvgPTwAAABB0aGltYmxlLWFwcHJvdmFsAAAAAAAAAAZzaGE1MTIAAABkAA\n"
    "AAE2VjZHNhLXNoYTItbmlzdHAyNTYAAABJAAAAIBDoL1Ec/nEFwp1pFG4WRZ5qaUiEOgMj\n"
    "cUFPIxrLvJgrAAAAIQCoW1LZb0p0kotLg3CfLXEdHIPMgs1KpYFN68MAwcPN+g==\n"
    "-----END SSH SIGNATURE-----\n";

TEST(SigningKey, IsTheSameForTheSameKey) {
    for (const std::string& signature : {kEd25519, kRsa, kEcdsa}) {
        ASSERT_TRUE(signing_key(signature).has_value()) << signing_key(signature).error().text();
        EXPECT_EQ(*signing_key(signature), signing_key(signature + "more").value_or(""));
    }
    EXPECT_EQ(*signing_key(kEd25519), signing_key(kCertificate).value_or(""));
    EXPECT_EQ(*signing_key(kRsa), signing_key(kRsaWithZeros).value_or(""));
    EXPECT_NE(*signing_key(kEd25519), *signing_key(kRsa));
    EXPECT_NE(*signing_key(kEd25519), *signing_key(kEcdsa));
    EXPECT_TRUE(signing_key(kEcdsa)->starts_with("ecdsa-sha2-nistp256 8 nistp256 65 "));
}

TEST(SigningKey, IsNotReadFromAnythingElse) {
    std::string of_other_kind = kEd25519;
    of_other_kind.replace(of_other_kind.find("c3NoLWVk"), 8, "c3NoLWVl");
    std::string with_a_blank = kEd25519;
    with_a_blank.insert(60, " ");
    std::string after_its_end = kEd25519;
    after_its_end.insert(60, "=");
    const std::string cut = kEd25519.substr(0, 60) + kEd25519.substr(kEd25519.find("\n-----END"));
    for (const std::string& text :
         {std::string(),
          std::string("-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----\n"),
          std::string("-----BEGIN SSH SIGNATURE-----\n"),
          "x" + kEd25519,
          of_other_kind,
          with_a_blank,
          after_its_end,
          cut}) {
        const auto key = signing_key(text);
        ASSERT_FALSE(key.has_value()) << text;
        EXPECT_EQ(key.error().code, "model.bad_signature");
    }
}

}  // namespace
}  // namespace thimble::model
