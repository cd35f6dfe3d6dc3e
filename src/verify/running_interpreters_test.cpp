#include "thimble/verify/running_interpreters.hpp"

#include "thimble/inventory/fake_host_test.hpp"

#include <gtest/gtest.h>

#include <string>

namespace thimble::verify {
namespace {

TEST(LanguageOfModule, KnowsWhereEachLanguageLooks) {
    EXPECT_EQ(
        language_of_module("/usr/lib/python3/dist-packages/urllib3/util.py"), Language::Python);
    EXPECT_EQ(language_of_module("/usr/lib/python3.11/ssl.py"), Language::Python);
    EXPECT_EQ(language_of_module("/usr/share/perl5/LWP.pm"), Language::Perl);
    EXPECT_EQ(language_of_module("/usr/lib/ruby/vendor_ruby/rack.rb"), Language::Ruby);
    EXPECT_EQ(language_of_module("/usr/share/java/tomcat9-catalina.jar"), Language::Java);
    EXPECT_EQ(language_of_module("/usr/share/nodejs/qs/lib/parse.js"), Language::JavaScript);
    EXPECT_EQ(language_of_module("/usr/share/php/Twig/Node.php"), Language::Php);
    EXPECT_EQ(language_of_module("/usr/share/gdb/auto-load/libglib.py"), std::nullopt)
        << "no program of Python finds it there";
    EXPECT_EQ(language_of_module("/usr/lib/python3/dist-packages/numpy/core.so"), std::nullopt)
        << "a process maps it";
}

TEST(LanguageOfModule, KnowsTheFoldersOfApplications) {
    EXPECT_EQ(language_of_module("/usr/share/rt/lib/RT.pm"), Language::Perl);
    EXPECT_EQ(language_of_module("/usr/share/redmine/app/models/issue.rb"), Language::Ruby);
    EXPECT_EQ(language_of_module("/usr/share/mailman3-web/settings.py"), Language::Python);
    EXPECT_EQ(language_of_module("/usr/share/jetty9/lib/jetty.jar"), Language::Java);
    EXPECT_EQ(
        language_of_module("/usr/lib/rabbitmq/lib/rabbitmq_server-3.10/plugins/rabbit.ez"),
        Language::Erlang);
    EXPECT_EQ(
        language_of_module("/usr/lib/x86_64-linux-gnu/ejabberd-23.1/ebin/mod_x.beam"),
        Language::Erlang);
    EXPECT_EQ(language_of_module("/usr/lib/prosody/core/s2smanager.lua"), Language::Lua);
}

TEST(LanguageOfModule, LeavesOutWhatNoProgramThatRunsOnLoads) {
    for (const char* path :
         {"/usr/lib/ssl/misc/CA.pl",
          "/usr/share/gcc/python/libstdcxx/v6/printers.py",
          "/usr/share/glib-2.0/gdb/glib_gdb.py",
          "/usr/share/apport/package-hooks/openssh-server.py",
          "/usr/share/doc/x/examples/server.py",
          "/usr/share/python3/debpython/files.py",
          "/usr/share/vim/vim90/tools/x.py",
          "/usr/bin/x.py",
          "/usr/src/linux-headers-6.1.0-30-common/scripts/x.py",
          "/usr/lib/firefox-esr/defaults/preferences/vendor.js",
          "/usr/share/phpmyadmin/index.php",
          "/etc/x/y.py"}) {
        EXPECT_EQ(language_of_module(path), std::nullopt) << path;
    }
}

TEST(LanguagesOf, TakeScriptsForNodesWhereItsManifestIs) {
    PackageFiles files;
    files.paths = {"/usr/share/app/lib/server.js"};
    EXPECT_TRUE(languages_of(files).empty()) << "a browser may be meant";
    files.paths.insert("/usr/share/app/package.json");
    EXPECT_EQ(languages_of(files), std::set<Language>{Language::JavaScript});
    files.paths = {"/usr/share/app/package.json"};
    EXPECT_TRUE(languages_of(files).empty());
}

TEST(LanguageOfProcess, GoesByTheProgramElseByItsLibraries) {
    EXPECT_EQ(language_of_process("/usr/bin/python3.11", ""), Language::Python);
    EXPECT_EQ(
        language_of_process(
            "/usr/sbin/apache2",
            "7f00-7f01 r-xp 0 08:01 1 /usr/lib/apache2/modules/mod_wsgi.so\n"
            "7f01-7f02 r-xp 0 08:01 2 /usr/lib/x86_64-linux-gnu/libpython3.11.so.1.0\n"),
        Language::Python);
    EXPECT_EQ(language_of_process("/usr/sbin/sshd", "7f00-7f01 rw-p 0 00:00 0\n"), std::nullopt);
    EXPECT_EQ(language_of_process("/usr/bin/nodejs", ""), Language::JavaScript);
    EXPECT_EQ(language_of_process("/usr/sbin/php-fpm8.2", ""), Language::Php);
    EXPECT_EQ(language_of_process("/usr/bin/node_exporter", ""), std::nullopt);
    EXPECT_EQ(
        language_of_process("/usr/lib/erlang/erts-13.1.5/bin/beam.smp", ""), Language::Erlang);
    EXPECT_EQ(language_of_process("/usr/bin/lua5.4", ""), Language::Lua);
    EXPECT_EQ(language_of_process("/usr/bin/luajit-2.1.0-beta3", ""), Language::Lua);
    EXPECT_EQ(
        language_of_process(
            "/usr/sbin/haproxy",
            "7f01-7f02 r-xp 0 08:01 2 /usr/lib/x86_64-linux-gnu/liblua5.4.so.0.0.0\n"),
        std::nullopt)
        << "it has scripts of its own";
}

TEST(ReadInterpreters, TellsUnitAndStart) {
    inventory::FakeHost host;
    const std::string rest = " S 1 1 1 0 -1 4194560 1 1 1 1 1 1 1 1 20 0 1 0 ";
    host.files["/proc/12/stat"] = "12 (gunicorn)" + rest + "500 1 1 1";
    host.files["/proc/12/cgroup"] = "0::/system.slice/shop.service\n";
    host.links["/proc/12/exe"] = "/usr/bin/python3.11";
    host.files["/proc/13/stat"] = "13 (sshd)" + rest + "500 1 1 1";
    host.links["/proc/13/exe"] = "/usr/sbin/sshd";
    const Instant booted_at{std::chrono::days(20'000)};

    const auto found = read_interpreters(host, booted_at);

    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].language, Language::Python);
    EXPECT_EQ(found[0].process.pid, 12U);
    EXPECT_EQ(found[0].process.unit, "shop.service");
    EXPECT_EQ(found[0].started_at, booted_at + std::chrono::seconds(5));
}

TEST(ReadInterpreters, SeesOneWhoseFirstThreadHasEnded) {
    inventory::FakeHost host;
    host.files["/proc/12/stat"] =
        "12 (shop) Z 1 1 1 0 -1 4194560 1 1 1 1 1 1 1 1 20 0 1 0 500 1 1 1";
    EXPECT_TRUE(read_interpreters(host, Instant()).empty());
    host.files["/proc/12/task/14/comm"] = "shop";
    host.links["/proc/14/exe"] = "/usr/bin/shop";
    host.files["/proc/14/maps"] = "1-2 r-xp 0 08:01 2 /usr/lib/libpython3.11.so.1.0\n";

    const auto found = read_interpreters(host, Instant());

    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].process.pid, 12U);
}

TEST(ReadInterpreters, LeavesOutWhoHasModulesOfTheirOwn) {
    inventory::FakeHost host;
    const std::string rest = " S 1 1 1 0 -1 4194560 1 1 1 1 1 1 1 1 20 0 1 0 500 1 1 1";
    const auto add = [&](const std::string& pid, const std::string& executable) {
        host.files["/proc/" + pid + "/stat"] = pid + " (x)" + rest;
        host.links["/proc/" + pid + "/exe"] = executable;
    };
    add("20", "/usr/bin/python3.11");
    add("21", "/opt/app/bin/python3.12");
    add("22", "/usr/local/bin/python3.12");
    add("23", "/usr/share/search/jdk/bin/java");
    add("24", "/usr/bin/python3.11");
    host.infos["/"] = {.type = host::FileType::Directory, .inode = 2};
    host.infos["/proc/20/root"] = host.infos["/"];
    host.infos["/proc/24/root"] = {.type = host::FileType::Directory, .inode = 700};

    const auto found = read_interpreters(host, Instant());

    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].process.pid, 20U);
}

}  // namespace
}  // namespace thimble::verify
