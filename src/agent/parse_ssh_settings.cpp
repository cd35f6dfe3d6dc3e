#include "thimble/agent/ssh_settings.hpp"
#include "thimble/base/digest.hpp"
#include "thimble/base/json_members.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/base/lines.hpp"
#include "thimble/protocol/base64url.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <utility>

namespace thimble::agent {
namespace {

constexpr std::size_t kMaxKeyBytes = 8192;  // of a line; RSA with 16384 bits has 2,800
constexpr std::size_t kMaxScannedKeys = 16;

/// As the alphabet of OpenSSH has it, without padding.
std::string plain_base64(std::string_view bytes) {
    std::string text = protocol::format_base64url(bytes);
    std::ranges::replace(text, '-', '+');
    std::ranges::replace(text, '_', '/');
    return text;
}

Result<std::string> bytes_of(std::string_view base64) {
    std::string text(base64.substr(0, base64.find('=')));
    std::ranges::replace(text, '+', '-');
    std::ranges::replace(text, '/', '_');
    return protocol::parse_base64url(text);
}

std::string raw_sha256(std::string_view bytes) {
    constexpr int kHex = 16;
    const std::string digest = sha256_of(bytes);
    std::string raw;
    for (std::size_t at = 0; at + 1 < digest.size(); at += 2) {
        unsigned byte = 0;
        std::from_chars(digest.data() + at, digest.data() + at + 2, byte, kHex);
        raw += static_cast<char>(byte);
    }
    return raw;
}

bool is_key_type(std::string_view word) {
    return word.size() < 64
        && (word.starts_with("ssh-") || word.starts_with("ecdsa-") || word.starts_with("sk-"));
}

std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    while (!line.empty()) {
        const std::size_t begin = std::min(line.find_first_not_of(" \t\r\n"), line.size());
        line.remove_prefix(begin);
        const std::size_t end = std::min(line.find_first_of(" \t\r\n"), line.size());
        if (end != 0) {
            words.push_back(line.substr(0, end));
        }
        line.remove_prefix(end);
    }
    return words;
}

/// The key's bytes begin with the length and the name of its type (RFC 4253, section 6.6).
bool is_of_type(std::string_view bytes, std::string_view type) {
    constexpr std::size_t kLengthBytes = 4;
    return bytes.size() > kLengthBytes + type.size()
        && bytes.substr(0, kLengthBytes)
        == std::string({'\0', '\0', '\0', static_cast<char>(type.size())})
        && bytes.substr(kLengthBytes, type.size()) == type;
}

}  // namespace

std::string format_ssh_settings(const SshSettings& settings) {
    std::string text;
    JsonWriter json(text);
    json.open_object().member("address", settings.address);
    json.member_or_null("key", settings.key).key("sudo").boolean(settings.sudo).close_object();
    return text;
}

Result<SshSettings> parse_ssh_settings(std::string_view text) {
    const auto document = parse_json(text);
    if (!document) {
        return failure(ErrorKind::Corrupt, "agent.bad_state", document.error().text());
    }
    JsonMembers members(*document);
    SshSettings settings{
        .address = members.text("address"),
        .key = members.text_or_null("key"),
        .sudo = members.boolean("sudo")};
    if (!host::parse_ssh_target(settings.address)) {
        members.reject("address");
    }
    if (const auto done = members.done(); !done) {
        return failure(ErrorKind::Corrupt, "agent.bad_state", done.error().text());
    }
    return settings;
}

Result<std::string> parse_host_key(std::string_view line) {
    const auto words =
        line.size() > kMaxKeyBytes ? std::vector<std::string_view>() : words_of(line);
    const auto type = std::ranges::find_if(words, is_key_type);
    if (type != words.end() && std::next(type) != words.end()) {
        const auto bytes = bytes_of(*std::next(type));
        if (bytes && is_of_type(*bytes, *type)) {
            return std::string(*type) + " " + std::string(*std::next(type));
        }
    }
    return failure(
        ErrorKind::Invalid,
        "agent.bad_host_key",
        "the host's key is given as SHA256:…, or as a line of its "
        "/etc/ssh/ssh_host_ed25519_key.pub");
}

std::string fingerprint_of_key(std::string_view key) {
    const auto bytes = bytes_of(key.substr(std::min(key.find(' ') + 1, key.size())));
    return "SHA256:" + plain_base64(raw_sha256(bytes ? *bytes : std::string()));
}

std::vector<std::string> keys_in_scan(std::string_view text) {
    std::vector<std::string> keys;
    while (!text.empty() && keys.size() < kMaxScannedKeys) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (auto key = parse_host_key(line); key && !line.starts_with('#')) {
            keys.push_back(*std::move(key));
        }
    }
    return keys;
}

std::vector<std::string> ssh_options(
    const SshSettings& settings, const std::filesystem::path& known_hosts) {
    std::vector<std::string> options{
        "-F",
        "none",
        "-oStrictHostKeyChecking=yes",
        "-oUserKnownHostsFile=" + known_hosts.string(),
        "-oGlobalKnownHostsFile=/dev/null",
        "-oHostKeyAlias=" + std::string(kHostKeyAlias),
        "-oUpdateHostKeys=no",
        "-oVerifyHostKeyDNS=no",
        "-oServerAliveCountMax=3",
        "-oCompression=yes"};
    if (!settings.key.empty()) {
        options.insert(options.end(), {"-oIdentitiesOnly=yes", "-i", settings.key});
    }
    return options;
}

std::string folder_name_of(const host::SshTarget& target) {
    constexpr int kPort = 22;
    std::string name = "host-" + target.name;
    std::ranges::replace(name, '%', '_');
    std::ranges::replace(name, ':', '_');
    return name + "-" + std::to_string(target.port == 0 ? kPort : target.port);
}

}  // namespace thimble::agent
