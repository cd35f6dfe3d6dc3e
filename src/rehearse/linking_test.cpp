// Real programs and libraries, made by the compiler in a folder that stands for a root.
#include "thimble/rehearse/linking.hpp"

#include "thimble/host/host.hpp"
#include "thimble/host/run_command.hpp"
#include "thimble/rehearse/file_tree.hpp"
#include "thimble/rehearse/read_file_tree.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

namespace thimble::rehearse {
namespace {

namespace fs = std::filesystem;

class CompareLinking : public testing::Test {
protected:
    void SetUp() override {
        ASSERT_NE(::mkdtemp(root_.data()), nullptr);
        if (!host::run_command({.argv = {"gcc", "--version"}})) {
            GTEST_SKIP() << "needs a compiler";
        }
        fs::create_directories(root_ + "/usr/lib");
        fs::create_directories(root_ + "/usr/bin");
        fs::create_directories(root_ + "/opt/app/lib");
        fs::create_symlink("usr/lib", root_ + "/lib");
    }
    void TearDown() override { fs::remove_all(root_); }

    struct Building {
        std::string at;  // in the root
        std::string code;
        std::string soname;             // empty: a program
        std::vector<std::string> with;  // libraries of the root
        std::string map;                // a version script
        std::string runpath;
    };

    void build(const Building& what) {
        const std::string source = root_ + "/source.c";
        const std::string map = root_ + "/versions.map";
        std::ofstream(source) << what.code;
        std::ofstream(map) << what.map;
        std::vector<std::string> argv{"gcc", "-nostdlib", "-fPIC", "-o", root_ + what.at, source};
        if (what.soname.empty()) {
            argv.insert(argv.end(), {"-pie", "-Wl,-e,main", "-Wl,--unresolved-symbols=ignore-all"});
        } else {
            argv.insert(argv.end(), {"-shared", "-Wl,-soname," + what.soname});
        }
        if (!what.map.empty()) {
            argv.push_back("-Wl,--version-script=" + map);
        }
        if (!what.runpath.empty()) {
            argv.insert(argv.end(), {"-Wl,--enable-new-dtags", "-Wl,-rpath," + what.runpath});
        }
        for (const std::string& library : what.with) {
            argv.push_back(root_ + library);
        }
        const auto outcome = host::run_command({.argv = argv});
        ASSERT_TRUE(outcome.has_value());
        ASSERT_EQ(outcome->exit_status, 0) << outcome->errors;
        fs::remove(source);
        fs::remove(map);
    }

    void build_library(const std::string& code, const std::string& map = "") {
        build(
            {.at = "/usr/lib/libfoo.so.1.0",
             .code = code,
             .soname = "libfoo.so.1",
             .with = {},
             .map = map,
             .runpath = {}});
        fs::remove(root_ + "/usr/lib/libfoo.so.1");
        fs::create_symlink("libfoo.so.1.0", root_ + "/usr/lib/libfoo.so.1");
    }
    void build_program() {
        build(
            {.at = "/usr/bin/program",
             .code = "int foo(void), bar(void); int main(void){return foo()+bar();}",
             .soname = {},
             .with = {"/usr/lib/libfoo.so.1.0"},
             .map = {},
             .runpath = {}});
    }

    FileTree read() { return read_file_tree(root_).value_or(FileTree()); }
    FileTree read(const FileTree& before, const std::vector<std::string>& changed) {
        return read_changed_files(root_, before, changed).value_or(FileTree());
    }

    std::string root_ = "/var/tmp/thimble-linking-XXXXXX";
};

const std::vector<std::string> kLibrary{"/usr/lib/libfoo.so.1", "/usr/lib/libfoo.so.1.0"};
constexpr const char* kBoth = "int foo(void){return 1;} int bar(void){return 2;}";

TEST_F(CompareLinking, FindsNothingWhereNothingChanged) {
    build_library(kBoth);
    build_program();
    const FileTree before = read();

    const LinkComparison result = compare_linking(before, read(before, {}));

    EXPECT_EQ(before.elf.size(), 2U);
    EXPECT_EQ(result.changed, 0U);
    EXPECT_EQ(result.examined, 0U);
    EXPECT_TRUE(result.broken.empty());
}

TEST_F(CompareLinking, NamesTheSymbolThatALibraryDropped) {
    build_library(kBoth);
    build_program();
    const FileTree before = read();
    build_library("int foo(void){return 1;}");

    const LinkComparison result = compare_linking(before, read(before, kLibrary));

    EXPECT_EQ(result.changed, 1U);
    EXPECT_EQ(result.examined, 2U);
    ASSERT_EQ(result.broken.size(), 1U);
    EXPECT_EQ(result.broken[0].path, "/usr/bin/program");
    EXPECT_EQ(result.broken[0].what, "needs symbol bar, which nothing defines");
    EXPECT_TRUE(result.earlier.empty());
}

TEST_F(CompareLinking, NamesTheVersionThatALibraryDropped) {
    build_library(kBoth, "V1 { foo; }; V2 { bar; };");
    build_program();
    const FileTree before = read();
    build_library(kBoth, "V1 { foo; bar; };");

    const LinkComparison result = compare_linking(before, read(before, kLibrary));

    ASSERT_EQ(result.broken.size(), 2U);
    EXPECT_EQ(result.broken[0].what, "needs symbol bar@V2, which nothing defines");
    EXPECT_EQ(result.broken[1].what, "needs version V2 of libfoo.so.1, which does not have it");
}

TEST_F(CompareLinking, NamesTheLibraryThatIsGone) {
    build_library(kBoth);
    build_program();
    const FileTree before = read();
    fs::remove(root_ + "/usr/lib/libfoo.so.1");

    const LinkComparison result = compare_linking(before, read(before, {"/usr/lib/libfoo.so.1"}));

    ASSERT_FALSE(result.broken.empty());
    EXPECT_EQ(result.broken[0].what, "needs libfoo.so.1, which is not there");
}

TEST_F(CompareLinking, NotesWhatWasBrokenBefore) {
    build_library(kBoth);
    build_program();
    build_library("int foo(void){return 1;}");
    const FileTree before = read();
    build_library("int foo(void){return 3;} int more(void){return 4;}");

    const LinkComparison result = compare_linking(before, read(before, kLibrary));

    EXPECT_TRUE(result.broken.empty());
    ASSERT_EQ(result.earlier.size(), 1U);
    EXPECT_EQ(result.earlier[0].what, "needs symbol bar, which nothing defines");
}

TEST_F(CompareLinking, LetsAPluginTakeItsSymbolsFromAnyProgram) {
    build(
        {.at = "/usr/bin/server",
         .code = "int api(void){return 1;} int main(void){return 0;}",
         .soname = {},
         .with = {},
         .map = {"{ global: api; main; };"},
         .runpath = {}});
    host::run_command({.argv = {"true"}}).value();
    build(
        {.at = "/usr/lib/plugin.so",
         .code = "int api(void); int run(void){return api();}",
         .soname = "plugin.so",
         .with = {},
         .map = {},
         .runpath = {}});
    FileTree before = read();
    build(
        {.at = "/usr/lib/plugin.so",
         .code = "int api(void); int run(void){return api()+1;}",
         .soname = "plugin.so",
         .with = {},
         .map = {},
         .runpath = {}});
    FileTree after = read(before, {"/usr/lib/plugin.so"});
    // An executable exports only what it is told to; this stands for -rdynamic.
    for (FileTree* tree : {&before, &after}) {
        auto server = std::make_shared<ElfObject>(*tree->elf.at("/usr/bin/server"));
        server->defined = {symbol_key("api", "")};
        tree->elf.at("/usr/bin/server") = server;
    }

    EXPECT_TRUE(compare_linking(before, after).broken.empty());

    auto without = std::make_shared<ElfObject>(*after.elf.at("/usr/bin/server"));
    without->defined.clear();
    after.elf.at("/usr/bin/server") = without;
    EXPECT_EQ(compare_linking(before, after).broken.size(), 1U);
}

TEST_F(CompareLinking, LooksWhereTheObjectSaysRelativeToItself) {
    build(
        {.at = "/opt/app/lib/libown.so.2",
         .code = "int own(void){return 1;}",
         .soname = "libown.so.2",
         .with = {},
         .map = {},
         .runpath = {}});
    build(
        {.at = "/opt/app/tool",
         .code = "int own(void); int main(void){return own();}",
         .soname = {},
         .with = {"/opt/app/lib/libown.so.2"},
         .map = {},
         .runpath = "$ORIGIN/lib"});
    const FileTree before = read();
    fs::rename(root_ + "/opt/app/lib/libown.so.2", root_ + "/opt/app/libown.so.2");
    const std::vector<std::string> changed{"/opt/app/lib/libown.so.2", "/opt/app/libown.so.2"};

    const LinkComparison moved = compare_linking(before, read(before, changed));

    ASSERT_EQ(moved.broken.size(), 2U);
    EXPECT_EQ(moved.broken[0].path, "/opt/app/tool");

    // A folder that ld.so.conf names is as good.
    fs::create_directories(root_ + "/etc/ld.so.conf.d");
    std::ofstream(root_ + "/etc/ld.so.conf") << "include /etc/ld.so.conf.d/*.conf\n";
    std::ofstream(root_ + "/etc/ld.so.conf.d/app.conf") << "# ours\n/opt/app\n";
    EXPECT_TRUE(compare_linking(before, read(before, changed)).broken.empty());
}

TEST_F(CompareLinking, DoesNotTakeALibraryOfAnotherMachine) {
    build_library(kBoth);
    build_program();
    const FileTree before = read();
    FileTree after = before;
    auto foreign = std::make_shared<ElfObject>(*after.elf.at("/usr/lib/libfoo.so.1.0"));
    foreign->machine = 183;
    after.elf.at("/usr/lib/libfoo.so.1.0") = foreign;

    EXPECT_EQ(
        compare_linking(before, after).broken[0].what, "needs libfoo.so.1, which is not there");
}

TEST(ResolveLinks, StaysInTheTreeAndEnds) {
    FileTree tree;
    tree.links = {
        {"/lib", "usr/lib"}, {"/usr/lib/a.so", "../../../opt/a.so.1"}, {"/loop", "/loop"}};

    EXPECT_EQ(resolve_links(tree, "/lib/a.so"), "/opt/a.so.1");
    EXPECT_EQ(resolve_links(tree, "/usr/./bin//x"), "/usr/bin/x");
    EXPECT_EQ(resolve_links(tree, "/loop/x"), "");
}

}  // namespace
}  // namespace thimble::rehearse
