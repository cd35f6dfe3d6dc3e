#include "thimble/cli/doctor_command.hpp"

#include "thimble/cli/kept_runs_test.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <sstream>
#include <string>

namespace thimble::cli {
namespace {

class Doctor : public KeptRuns {};

TEST_F(Doctor, NamesStepsForTheRootThatWasAskedForAlsoInItsDocument) {
    write(root() / "etc/os-release", "ID=debian\n");
    write(
        root() / "var/lib/dpkg/status",
        "Package: curl\nStatus: install ok half-configured\nArchitecture: amd64\nVersion: 1\n\n");
    add_ended(1, {{"curl", "2"}}, "rolled_back");
    PatchOptions asked = options();
    const std::string host = " --root " + root().string() + " --state " + state().string();

    for (const bool is_document : {true, false}) {
        asked.json = is_document;
        std::ostringstream out;
        std::ostringstream err;
        run_doctor(asked, out, err);
        std::string said = out.str();
        for (std::size_t at = 0; (at = said.find_first_of(" \n", at)) != std::string::npos; ++at) {
            said.replace(at, std::min(said.find_first_not_of(" \n", at), said.size()) - at, " ");
        }

        for (const std::string& step :
             {"thimble patch resume" + host,
              "chroot " + root().string() + " dpkg --configure -a",
              "thimble patch unblock" + host}) {
            EXPECT_NE(said.find(step), std::string::npos) << step << " in " << said;
        }
    }
}

TEST_F(Doctor, TellsRecordsThatMayNotBeReadFromThoseThatAreGone) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "needs root";
    }
    write(root() / "etc/os-release", "ID=debian\n");
    const std::string run = add_ended(1, {{"curl", "2"}}, "rolled_back");
    write(pin(run), "Package: curl\nPin: version 2\nPin-Priority: -1\n");
    constexpr uid_t kNobody = 65534;
    std::filesystem::permissions(folder, std::filesystem::perms(0755));
    std::filesystem::permissions(state(), std::filesystem::perms(0700));
    std::ostringstream out;
    std::ostringstream err;
    PatchOptions asked = options();
    asked.json = true;

    ASSERT_EQ(::seteuid(kNobody), 0);
    run_doctor(asked, out, err);
    ASSERT_EQ(::seteuid(0), 0);

    const std::string said = out.str();
    EXPECT_FALSE(said.contains("does not know it")) << said;
    EXPECT_TRUE(said.contains("is not known: ")) << said;
    EXPECT_TRUE(said.contains("Run as root")) << said;
    EXPECT_TRUE(said.contains(run + " took back")) << said;
}

}  // namespace
}  // namespace thimble::cli
