#pragma once
/// @file For tests: the real thimble-server on a free port of the loopback interface, and a client that
/// speaks TLS to it.

#include <curl/curl.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

namespace thimble::cli {

/// What came back; `status` is 0 when there was no answer.
struct TestAnswer {
    long status = 0;
    std::string headers;
    std::string body;

    /// The value of a member that is a text, by the plainest of means.
    [[nodiscard]] std::string text(const std::string& member) const {
        const std::string start = "\"" + member + "\":\"";
        const std::size_t at = body.find(start);
        if (at == std::string::npos) {
            return {};
        }
        std::string value =
            body.substr(at + start.size(), body.find('"', at + start.size()) - at - start.size());
        for (std::size_t escape = value.find("\\n"); escape != std::string::npos;
             escape = value.find("\\n")) {
            value.replace(escape, 2, "\n");
        }
        return value;
    }
    [[nodiscard]] bool has(const std::string& piece) const {
        return body.find(piece) != std::string::npos;
    }
};

/// What is asked.
struct TestRequest {
    std::string method = "GET";
    std::string path;
    std::string body = {};
    std::vector<std::string> headers = {};
};

/// The output of a program that ends by itself.
struct TestOutcome {
    int status = -1;
    std::string output;
    /// The words of it: where a line ends is for terminals.
    [[nodiscard]] std::string words() const {
        std::istringstream parts(output);
        std::string text;
        for (std::string part; parts >> part;) {
            text.append(text.empty() ? "" : " ").append(part);
        }
        return text;
    }
};

inline std::string contents_of(const std::filesystem::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// A folder that goes at the end.
class ScratchFolder {
public:
    ScratchFolder() {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "thimble-server-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;
    ~ScratchFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] std::filesystem::path operator/(const std::string& name) const {
        return path_ / name;
    }

private:
    std::filesystem::path path_;
};

/// A program with its output in a pipe.
class TestProgram {
public:
    explicit TestProgram(std::vector<std::string> words) {
        std::array<int, 2> pipe{};
        if (::pipe2(pipe.data(), O_CLOEXEC) != 0) {
            std::abort();
        }
        posix_spawn_file_actions_t actions{};
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_adddup2(&actions, pipe[1], 1);
        ::posix_spawn_file_actions_adddup2(&actions, pipe[1], 2);
        std::vector<char*> argv;
        for (std::string& word : words) {
            argv.push_back(word.data());
        }
        argv.push_back(nullptr);
        ::posix_spawn(&process_, argv[0], &actions, nullptr, argv.data(), environ);
        ::posix_spawn_file_actions_destroy(&actions);
        ::close(pipe[1]);
        output_ = pipe[0];
    }
    TestProgram(const TestProgram&) = delete;
    TestProgram& operator=(const TestProgram&) = delete;
    ~TestProgram() {
        stop(SIGKILL);
        ::close(output_);
    }

    /// The next line; empty at the end of the output.
    std::string line() {
        std::string text;
        for (char c = 0; ::read(output_, &c, 1) == 1 && c != '\n';) {
            text += c;
        }
        return text;
    }
    TestOutcome rest() {
        TestOutcome outcome;
        std::array<char, 4096> block{};
        for (ssize_t got = 0; (got = ::read(output_, block.data(), block.size())) > 0;) {
            outcome.output.append(block.data(), static_cast<std::size_t>(got));
        }
        outcome.status = stop(0);
        return outcome;
    }
    void send(int signal) const { ::kill(process_, signal); }
    [[nodiscard]] pid_t process() const { return process_; }
    /// Sends a signal, unless it is 0, and waits.
    int stop(int signal) {
        if (process_ <= 0) {
            return -1;
        }
        if (signal != 0) {
            ::kill(process_, signal);
        }
        int status = 0;
        ::waitpid(process_, &status, 0);
        process_ = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }

private:
    pid_t process_ = 0;
    int output_ = -1;
};

/// thimble-server with the arguments, to its end.
inline TestOutcome run_server_command(std::vector<std::string> words) {
    words.insert(words.begin(), THIMBLE_SERVER);
    return TestProgram(std::move(words)).rest();
}

/// Makes the data directory of a server that joins others: with their keys, as docs/several-servers.md says.
inline void copy_server_keys(const std::filesystem::path& from, const std::filesystem::path& to) {
    std::filesystem::create_directories(to / "keys");
    for (const std::filesystem::path& folder : {to, to / "keys"}) {
        std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
    }
    for (const char* name : {"authority.crt", "authority.key", "deployment.key"}) {
        std::filesystem::copy_file(from / "keys" / name, to / "keys" / name);
    }
}

/// With which who was let in asks.
inline std::vector<std::string> session_headers(const TestAnswer& let_in) {
    const std::size_t at = let_in.headers.find("__Host-thimble-session=");
    EXPECT_NE(at, std::string::npos);
    return {
        "Cookie: " + let_in.headers.substr(at, let_in.headers.find(';', at) - at),
        "Thimble-Csrf: " + let_in.text("csrf")};
}

/// A server that runs until the end of the test.
class RunningServer {
public:
    explicit RunningServer(
        const std::filesystem::path& data,
        const std::string& database = "",
        const std::string& listen = "127.0.0.1:0")
        : data_(data), program_(words_of(data, database, listen)) {
        static const std::string kServes = "Thimble serves at ";
        for (std::string line = program_.line(); !line.empty(); line = program_.line()) {
            said_ += line + "\n";
            if (line.starts_with(kServes)) {
                address_ = line.substr(kServes.size());
                break;
            }
            if (const std::size_t at = line.find("/welcome#"); at != std::string::npos) {
                link_secret_ = line.substr(at + std::string("/welcome#").size());
            }
        }
        EXPECT_FALSE(address_.empty()) << said_;
    }

    [[nodiscard]] const std::string& link_secret() const { return link_secret_; }
    [[nodiscard]] const std::string& address() const { return address_; }
    int stop() { return program_.stop(SIGTERM); }
    void kill() { program_.stop(SIGKILL); }
    /// SIGSTOP and SIGCONT: as a machine that stands still for a while.
    void send(int signal) const { program_.send(signal); }

    /// Asks with the certificate of a folder, when one is given, and believes the server's authority only.
    [[nodiscard]] TestAnswer ask(
        const TestRequest& request, const std::filesystem::path& identity = {}) const {
        const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(
            curl_easy_init(), curl_easy_cleanup);
        TestAnswer answer;
        curl_slist* headers = nullptr;
        for (const std::string& header : request.headers) {
            headers = curl_slist_append(headers, header.c_str());
        }
        curl_easy_setopt(curl.get(), CURLOPT_URL, (address_ + request.path).c_str());
        curl_easy_setopt(curl.get(), CURLOPT_CUSTOMREQUEST, request.method.c_str());
        curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(curl.get(), CURLOPT_PATH_AS_IS, 1L);
        curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, 30L);
        curl_easy_setopt(curl.get(), CURLOPT_CAINFO, (data_ / "keys/authority.crt").c_str());
        if (request.method != "GET") {
            curl_easy_setopt(
                curl.get(), CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body.size()));
            curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, request.body.c_str());
        }
        if (!identity.empty()) {
            curl_easy_setopt(curl.get(), CURLOPT_SSLCERT, (identity / "host.crt").c_str());
            curl_easy_setopt(curl.get(), CURLOPT_SSLKEY, (identity / "host.key").c_str());
        }
        curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, append);
        curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &answer.body);
        curl_easy_setopt(curl.get(), CURLOPT_HEADERFUNCTION, append);
        curl_easy_setopt(curl.get(), CURLOPT_HEADERDATA, &answer.headers);
        curl_easy_perform(curl.get());
        curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &answer.status);
        curl_slist_free_all(headers);
        return answer;
    }

    /// Uses the link of the first start up; from then on `as_admin` works.
    void let_admin_in() {
        const TestAnswer answer = ask(
            {"POST",
             "/api/v1/sign-in-links/redeem",
             R"({"secret":")" + link_secret_ + R"(","password":"correct horse battery"})"});
        ASSERT_EQ(answer.status, 200) << answer.body;
        take_session(answer);
    }
    void take_session(const TestAnswer& answer) { admin_ = session_headers(answer); }
    /// Of a server on the same database.
    void take_session_of(const RunningServer& other) { admin_ = other.admin_; }
    [[nodiscard]] TestAnswer as_admin(TestRequest request) const {
        request.headers.insert(request.headers.end(), admin_.begin(), admin_.end());
        return ask(request);
    }
    /// Reads a stream as the administrator until it has a piece.
    [[nodiscard]] std::string stream_until(TestRequest request, const std::string& piece) const {
        const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(
            curl_easy_init(), curl_easy_cleanup);
        request.headers.insert(request.headers.end(), admin_.begin(), admin_.end());
        curl_slist* headers = nullptr;
        for (const std::string& header : request.headers) {
            headers = curl_slist_append(headers, header.c_str());
        }
        std::pair<std::string, const std::string&> stream{"", piece};
        const auto take = +[](char* bytes, std::size_t size, std::size_t count, void* target) {
            auto& [text, wanted] =
                *static_cast<std::pair<std::string, const std::string&>*>(target);
            text.append(bytes, size * count);
            return text.find(wanted) == std::string::npos ? size * count : std::size_t{0};
        };
        curl_easy_setopt(curl.get(), CURLOPT_URL, (address_ + request.path).c_str());
        curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, 20L);
        curl_easy_setopt(curl.get(), CURLOPT_CAINFO, (data_ / "keys/authority.crt").c_str());
        curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, take);
        curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &stream);
        curl_easy_perform(curl.get());
        curl_slist_free_all(headers);
        return stream.first;
    }
    /// The cookie and the header against requests of other sites.
    [[nodiscard]] const std::vector<std::string>& admin_headers() const { return admin_; }

private:
    static std::size_t append(char* bytes, std::size_t size, std::size_t count, void* text) {
        static_cast<std::string*>(text)->append(bytes, size * count);
        return size * count;
    }
    static std::vector<std::string> words_of(
        const std::filesystem::path& data, const std::string& database, const std::string& listen) {
        std::vector<std::string> words{
            THIMBLE_SERVER, "serve", "--data", data.string(), "--listen", listen};
        if (!database.empty()) {
            words.insert(words.end(), {"--database", database});
        }
        return words;
    }

    std::filesystem::path data_;
    TestProgram program_;
    std::string said_;
    std::string address_;
    std::string link_secret_;
    std::vector<std::string> admin_;
};

/// A new key of P-256 in `folder`/host.key, and a request for a certificate of it as JSON text.
inline std::string make_certificate_request(const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
    EVP_PKEY* key = EVP_EC_gen("P-256");
    std::FILE* file = std::fopen((folder / "host.key").c_str(), "w");
    PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
    X509_REQ* request = X509_REQ_new();
    X509_REQ_set_pubkey(request, key);
    X509_REQ_sign(request, key, EVP_sha256());
    BIO* bio = BIO_new(BIO_s_mem());
    PEM_write_bio_X509_REQ(bio, request);
    std::string text(static_cast<std::size_t>(BIO_pending(bio)), '\0');
    BIO_read(bio, text.data(), static_cast<int>(text.size()));
    BIO_free(bio);
    X509_REQ_free(request);
    EVP_PKEY_free(key);
    std::string escaped;
    for (const char c : text) {
        escaped += c == '\n' ? std::string("\\n") : std::string(1, c);
    }
    return escaped;
}

/// The body of an enrolment with a token.
inline std::string enrolment_body(const std::string& token, const std::string& csr) {
    std::istringstream parts(token);
    std::string form;
    std::string authority;
    std::string id;
    std::string secret;
    std::getline(parts, form, '.');
    std::getline(parts, authority, '.');
    std::getline(parts, id, '.');
    std::getline(parts, secret, '.');
    return R"({"token":")" + id + R"(","secret":")" + secret + R"(","csr":")" + csr
        + R"(","name":"web1","operating_system":"Debian 12","architecture":"amd64",)"
          R"("agent_version":"0.1"})";
}

/// A token as the administrator makes it.
inline std::string make_enrolment_token(const RunningServer& server, bool reusable) {
    const TestAnswer made = server.as_admin(
        {"POST",
         "/api/v1/enrolment-tokens",
         std::string(R"({"name":"lab","group":"web","reusable":)")
             + (reusable ? "true}" : "false}")});
    EXPECT_EQ(made.status, 201) << made.body;
    return made.text("token");
}

/// Enrols; the identity is in `folder` then.
/// @return the id of the host
inline std::string enrol_host(
    const RunningServer& server, const std::string& token, const std::filesystem::path& folder) {
    const std::string csr = make_certificate_request(folder);
    const TestAnswer enrolled = server.ask({"POST", "/agent/v1/enrol", enrolment_body(token, csr)});
    EXPECT_EQ(enrolled.status, 201) << enrolled.body;
    std::ofstream(folder / "host.crt") << enrolled.text("certificate");
    return enrolled.text("host_id");
}

}  // namespace thimble::cli
