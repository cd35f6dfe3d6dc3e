#include "thimble/base/error.hpp"
#include "thimble/host/host.hpp"
#include "thimble/rehearse/config_tests.hpp"
#include "thimble/rehearse/elf_object.hpp"
#include "thimble/rehearse/file_tree.hpp"
#include "thimble/rehearse/import_trials.hpp"
#include "thimble/rehearse/trial.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::rehearse {
namespace {

/// A host of which only the names of files matter.
class NamesOnly final : public host::Host {
public:
    explicit NamesOnly(std::set<std::string> paths) : paths_(std::move(paths)) {}

    [[nodiscard]] std::string name() const override { return "names"; }
    [[nodiscard]] std::string local_root() const override { return ""; }
    Result<std::string> read_file(std::string_view /*path*/, std::size_t /*limit*/) override {
        return nothing();
    }
    Result<std::vector<std::string>> list(std::string_view path) override {
        const std::string prefix = std::string(path) + "/";
        std::set<std::string> names;
        for (const std::string& known : paths_) {
            if (known.starts_with(prefix)) {
                const std::string rest = known.substr(prefix.size());
                names.insert(rest.substr(0, rest.find('/')));
            }
        }
        return std::vector<std::string>(names.begin(), names.end());
    }
    Result<host::FileInfo> look(std::string_view path, host::Follow /*follow*/) override {
        const bool there = std::ranges::any_of(paths_, [&](const std::string& known) {
            return known == path || known.starts_with(std::string(path) + "/");
        });
        return there ? Result<host::FileInfo>(host::FileInfo{}) : nothing();
    }
    Result<std::string> read_link(std::string_view /*path*/) override { return nothing(); }
    Result<host::Outcome> run(const host::Command& /*command*/) override { return nothing(); }

private:
    static Error nothing() { return failure(ErrorKind::NotFound, "host.system", "nothing"); }
    std::set<std::string> paths_;
};

TEST(FindConfigTests, TakesWhatIsInstalledAndConfigured) {
    NamesOnly host(
        {"/usr/sbin/nginx", "/etc/nginx/nginx.conf", "/usr/sbin/sshd", "/usr/sbin/visudo"});

    const std::vector<Trial> trials = find_config_tests(host);

    ASSERT_EQ(trials.size(), 1U);
    EXPECT_EQ(trials[0].name, "config nginx");
    EXPECT_EQ(trials[0].argv, (std::vector<std::string>{"/usr/sbin/nginx", "-t", "-q"}));
}

TEST(FindConfigTests, MakesATestOfEachClusterWithItsOwnProgram) {
    NamesOnly host(
        {"/usr/lib/postgresql/13/bin/postgres",
         "/usr/lib/postgresql/15/bin/postgres",
         "/etc/postgresql/15/main/postgresql.conf",
         "/etc/postgresql/15/test/postgresql.conf",
         "/etc/postgresql/14/main/postgresql.conf"});

    const std::vector<Trial> trials = find_config_tests(host);

    ASSERT_EQ(trials.size(), 2U);
    EXPECT_EQ(trials[1].name, "config postgresql /etc/postgresql/15/test/postgresql.conf");
    EXPECT_EQ(trials[1].argv.front(), "/usr/lib/postgresql/15/bin/postgres");
    EXPECT_EQ(trials[1].argv.back(), "--config-file=/etc/postgresql/15/test/postgresql.conf");
    EXPECT_EQ(trials[1].user, "postgres");
}

ElfFile elf(std::vector<std::string> needed) {
    auto object = std::make_shared<ElfObject>();
    object->is_64 = true;
    object->machine = 62;
    object->needed = std::move(needed);
    return object;
}

FileTree some_tree() {
    FileTree tree;
    tree.loader_folders = {"/usr/lib"};
    tree.elf = {
        {"/usr/bin/python3.11", elf({"libc.so"})},
        {"/usr/bin/perl", elf({"libc.so"})},
        {"/usr/lib/libc.so", elf({})},
        {"/usr/lib/libssl.so", elf({})},
        {"/usr/lib/python3.11/lib-dynload/_ssl.cpython-311-x86_64-linux-gnu.so",
         elf({"libssl.so"})},
        {"/usr/lib/python3/dist-packages/numpy/core/_multi.cpython-311.so", elf({})},
        {"/usr/lib/x86_64-linux-gnu/perl5/5.36/auto/Net/SSLeay/SSLeay.so", elf({"libssl.so"})},
        {"/usr/lib/x86_64-linux-gnu/perl5/5.36/auto/$(id)/x.so", elf({"libssl.so"})}};
    tree.links = {{"/usr/bin/python3", "python3.11"}};
    return tree;
}

TEST(FindImportTrials, TakesTheModulesThatLoadAChangedLibrary) {
    const auto trials = find_import_trials(some_tree(), {"/usr/lib/libssl.so"});

    ASSERT_EQ(trials.size(), 2U);
    EXPECT_EQ(trials[0].name, "imports perl");
    ASSERT_EQ(trials[0].trials.size(), 1U) << "a name that is none never becomes an argument";
    EXPECT_EQ(
        trials[0].trials[0].argv,
        (std::vector<std::string>{"/usr/bin/perl", "-MNet::SSLeay", "-e", "1"}));
    ASSERT_EQ(trials[1].trials.size(), 1U);
    EXPECT_EQ(trials[1].trials[0].name, "_ssl");
    EXPECT_EQ(trials[1].trials[0].argv.front(), "/usr/bin/python3.11");
}

TEST(FindImportTrials, TakesAllModulesOfAnInterpreterThatChanges) {
    const auto trials = find_import_trials(some_tree(), {"/usr/bin/python3.11"});

    ASSERT_EQ(trials.size(), 1U);
    ASSERT_EQ(trials[0].trials.size(), 2U);
    EXPECT_EQ(trials[0].trials[1].name, "numpy.core._multi");
    EXPECT_EQ(trials[0].trials[1].argv.front(), "/usr/bin/python3");
}

TEST(FindImportTrials, TakesThePackagesOfWhichAFileChanges) {
    const auto trials = find_import_trials(
        some_tree(),
        {"/usr/lib/python3/dist-packages/requests/api.py",
         "/usr/lib/python3/dist-packages/six.py",
         "/usr/share/doc/x"});

    ASSERT_EQ(trials.size(), 1U);
    ASSERT_EQ(trials[0].trials.size(), 2U);
    EXPECT_EQ(trials[0].trials[0].name, "requests");
    EXPECT_EQ(trials[0].trials[1].name, "six");
}

}  // namespace
}  // namespace thimble::rehearse
