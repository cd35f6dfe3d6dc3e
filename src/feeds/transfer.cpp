#include "thimble/feeds/transfer.hpp"

#include "thimble/base/utf8.hpp"
#include "thimble/feeds/feed_settings.hpp"
#include "thimble/feeds/state_files.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace thimble::feeds {
namespace {

namespace fs = std::filesystem;

constexpr long kLowSpeedBytes = 1024;
constexpr std::uint64_t kMaxNoteBytes = 8192;

std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* transfer) {
    const std::size_t length = size * count;
    return static_cast<Transfer*>(transfer)->take({bytes, length}) ? length : 0;
}

bool is_web(std::string_view address) {
    return scheme_of(address) == "https" || scheme_of(address) == "http";
}

/// A validator that may stand in If-Range: weak tags may not (RFC 9110, 13.1.5).
std::string range_validator(const std::string& etag, const std::string& last_modified) {
    return etag.empty() || etag.starts_with("W/") ? last_modified : etag;
}

bool has_line_end(std::string_view text) {
    return text.find_first_of("\r\n") != std::string_view::npos;
}

}  // namespace

bool may_redirect(std::string_view from, std::string_view to) {
    return is_web(to) && (scheme_of(from) != "https" || scheme_of(to) == "https");
}

Transfer::Transfer(const DownloadRequest& request, const DownloadSettings& settings)
    : request_(request), settings_(settings), handle_(curl_easy_init()), address_(request.address) {
    THIMBLE_CHECK(handle_ != nullptr);
}

Transfer::~Transfer() {
    curl_slist_free_all(static_cast<curl_slist*>(headers_));
    curl_easy_cleanup(handle_);
}

fs::path Transfer::note_of_part() const {
    fs::path note = request_.target;
    note += ".part";
    return note;
}

void Transfer::forget_part() {
    std::error_code ignored;
    fs::remove(note_of_part(), ignored);
    part_validator_.clear();
}

/// A part can be continued when its note names this address and a validator.
void Transfer::look_for_part() {
    part_validator_.clear();
    offset_ = 0;
    std::error_code status;
    const std::uint64_t size = fs::file_size(request_.target, status);
    const auto note = read_small_file(note_of_part(), kMaxNoteBytes);
    if (status || size == 0 || size > request_.max_bytes || !note) {
        return;
    }
    const std::size_t end = note->find('\n');
    if (end != std::string::npos && note->substr(0, end) == request_.address) {
        part_validator_ = note->substr(end + 1);
        offset_ = has_line_end(part_validator_) || part_validator_.empty() ? 0 : size;
    }
    if (offset_ == 0) {
        part_validator_.clear();
    }
}

bool Transfer::prepare() {
    if (!is_web(address_)) {
        failed(ErrorKind::Invalid, "feeds.bad_address", "only https, http and file are addresses");
        return false;
    }
    ++attempts_;
    written_ = 0;
    expected_ = 0;
    body_begun_ = false;
    body_wanted_ = false;
    error_.reset();
    look_for_part();
    set_options();
    set_headers();
    return true;
}

void Transfer::set_options() {
    curl_easy_reset(handle_);
    curl_easy_setopt(handle_, CURLOPT_URL, address_.c_str());
    curl_easy_setopt(handle_, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle_, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle_, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(handle_, CURLOPT_SSL_VERIFYHOST, 2L);
    // Redirects are followed by hand: curl cannot forbid only those from https to http.
    curl_easy_setopt(handle_, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(
        handle_, CURLOPT_CONNECTTIMEOUT, static_cast<long>(settings_.connect_timeout.count()));
    curl_easy_setopt(handle_, CURLOPT_LOW_SPEED_LIMIT, kLowSpeedBytes);
    curl_easy_setopt(
        handle_, CURLOPT_LOW_SPEED_TIME, static_cast<long>(settings_.stall_timeout.count()));
    curl_easy_setopt(handle_, CURLOPT_TIMEOUT, static_cast<long>(settings_.total_timeout.count()));
    curl_easy_setopt(
        handle_, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(request_.max_bytes));
    curl_easy_setopt(handle_, CURLOPT_USERAGENT, "thimble");
    curl_easy_setopt(handle_, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(handle_, CURLOPT_WRITEDATA, this);
    if (!settings_.proxy.empty()) {
        curl_easy_setopt(handle_, CURLOPT_PROXY, settings_.proxy.c_str());
    }
}

void Transfer::set_headers() {
    curl_slist_free_all(static_cast<curl_slist*>(headers_));
    curl_slist* list = nullptr;
    const auto add = [&list](const std::string& line) {
        if (!has_line_end(line)) {
            list = curl_slist_append(list, line.c_str());
        }
    };
    if (offset_ > 0) {
        add("Range: bytes=" + std::to_string(offset_) + "-");
        add("If-Range: " + part_validator_);
    } else if (!request_.etag.empty()) {
        add("If-None-Match: " + request_.etag);
    } else if (!request_.last_modified.empty()) {
        add("If-Modified-Since: " + request_.last_modified);
    }
    headers_ = list;
    curl_easy_setopt(handle_, CURLOPT_HTTPHEADER, list);
}

std::string Transfer::header(const char* name) const {
    curl_header* found = nullptr;
    if (curl_easy_header(handle_, name, 0, CURLH_HEADER, -1, &found) != CURLHE_OK) {
        return {};
    }
    return found->value;
}

/// At the first byte of a body: decides whether it is the file, and from where on.
bool Transfer::begin_body() {
    body_begun_ = true;
    long status = 0;
    curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
    const bool continues = status == 206 && offset_ > 0
        && header("Content-Range").starts_with("bytes " + std::to_string(offset_) + "-");
    body_wanted_ = status == 200 || continues;
    if (!body_wanted_) {
        return status != 206;  // an error page is read to its end and dropped
    }
    if (!continues) {
        offset_ = 0;
    }
    resumed_ = continues;
    curl_off_t length = 0;
    curl_easy_getinfo(handle_, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    expected_ = length > 0 ? offset_ + static_cast<std::uint64_t>(length) : 0;
    file_.close();
    file_.open(request_.target, std::ios::binary | (continues ? std::ios::app : std::ios::trunc));
    if (!file_.is_open()) {
        return unwritten(errno);
    }
    const std::string validator = range_validator(header("ETag"), header("Last-Modified"));
    forget_part();
    if (!validator.empty()) {
        // Failing to note it costs a resume, no more.
        const auto noted = write_atomically(note_of_part(), request_.address + "\n" + validator);
        static_cast<void>(noted);
    }
    return true;
}

bool Transfer::take(std::string_view piece) {
    if (!body_begun_ && !begin_body()) {
        return false;
    }
    if (!body_wanted_) {
        return true;
    }
    written_ += piece.size();
    if (offset_ + written_ > request_.max_bytes) {
        failed(
            ErrorKind::Corrupt,
            "feeds.too_large",
            "the file has more than " + std::to_string(request_.max_bytes) + " bytes");
        return false;
    }
    file_.write(piece.data(), static_cast<std::streamsize>(piece.size()));
    return file_.good() || unwritten(errno);
}

/// What a disk without room has of the file is of no use to anybody.
bool Transfer::unwritten(int why) {
    file_.close();
    std::error_code ignored;
    fs::remove(request_.target, ignored);
    error_ = because(printable(request_.address, 200), cannot_write(request_.target, why));
    return false;
}

Transfer::Next Transfer::finish(int code) {
    if (file_.is_open()) {
        file_.close();  // which writes the rest
        if (file_.fail() && !error_) {
            unwritten(errno);
        }
    }
    long status = 0;
    curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
    if (error_) {
        forget_part();
        return Next::Done;
    }
    if (code == CURLE_FILESIZE_EXCEEDED) {
        forget_part();
        return failed(
            ErrorKind::Corrupt,
            "feeds.too_large",
            "the file has more than " + std::to_string(request_.max_bytes) + " bytes");
    }
    if (code != CURLE_OK) {
        return broken(code);
    }
    if (status == 301 || status == 302 || status == 303 || status == 307 || status == 308) {
        return follow_redirect();
    }
    return finish_response(status);
}

namespace {

/// What the operator can do about a connection that does not come about.
std::string_view next_step(int code) {
    switch (code) {
        case CURLE_COULDNT_RESOLVE_PROXY:
        case CURLE_PROXY:
            return "; see \"proxy\" in feeds.json and the variables https_proxy and no_proxy";
        case CURLE_COULDNT_RESOLVE_HOST:
        case CURLE_COULDNT_CONNECT:
        case CURLE_OPERATION_TIMEDOUT:
            return "; a proxy is set by \"proxy\" in feeds.json, and --mirror DIR takes the files "
                   "from a directory";
        case CURLE_PEER_FAILED_VERIFICATION:
            return "; is the clock right, and is ca-certificates installed?";
        default: return {};
    }
}

}  // namespace

/// A connection that broke: tried again while attempts bring something.
Transfer::Next Transfer::broken(int code) {
    const bool got_something = written_ > 0 && body_wanted_;
    if (got_something && attempts_ < settings_.max_attempts) {
        return Next::Again;
    }
    return failed(
        ErrorKind::Unavailable,
        "feeds.download_failed",
        curl_easy_strerror(static_cast<CURLcode>(code)) + std::string(next_step(code)));
}

Transfer::Next Transfer::follow_redirect() {
    const char* target = nullptr;
    curl_easy_getinfo(handle_, CURLINFO_REDIRECT_URL, &target);
    const std::string next = target == nullptr ? "" : target;
    if (!may_redirect(address_, next)) {
        return failed(
            ErrorKind::Invalid,
            "feeds.bad_address",
            "the server redirects to " + printable(next, 200)
                + ", which is refused: it must stay on https");
    }
    if (++redirects_ > settings_.max_redirects) {
        return failed(
            ErrorKind::Unavailable, "feeds.download_failed", "the server redirects too often");
    }
    --attempts_;
    address_ = next;
    return Next::Again;
}

Transfer::Next Transfer::finish_response(long status) {
    if (status == 304) {
        outcome_ = DownloadOutcome{};
        return Next::Done;
    }
    if (status == 416 && offset_ > 0 && attempts_ < settings_.max_attempts) {
        forget_part();
        return Next::Again;
    }
    if (body_wanted_ || (status == 200 && !body_begun_)) {
        return complete();
    }
    const std::string message = "the server answered " + std::to_string(status)
        + (status == 407 ? ": the proxy wants a name and a password, as in \"proxy\": "
                           "\"http://name:password@host:port\" of feeds.json"
                         : "");
    if (status == 401 || status == 403 || status == 407 || status == 451) {
        return failed(ErrorKind::Denied, "feeds.download_refused", message);
    }
    if (status == 404 || status == 410) {
        return failed(ErrorKind::NotFound, "feeds.download_missing", message);
    }
    return failed(ErrorKind::Unavailable, "feeds.download_failed", message);
}

Transfer::Next Transfer::complete() {
    if (!body_begun_) {
        return failed(ErrorKind::Corrupt, "feeds.download_failed", "the file is empty");
    }
    outcome_.modified = true;
    outcome_.resumed = resumed_;
    outcome_.etag = header("ETag");
    outcome_.last_modified = header("Last-Modified");
    outcome_.bytes = offset_ + written_;
    const std::time_t modified_at = curl_getdate(outcome_.last_modified.c_str(), nullptr);
    if (modified_at > 0) {
        outcome_.modified_at = Instant(std::chrono::seconds(modified_at));
    }
    forget_part();
    return Next::Done;
}

Transfer::Next Transfer::failed(ErrorKind kind, std::string_view code, std::string message) {
    error_ = failure(
        kind, std::string(code), printable(request_.address, 200) + ": " + std::move(message));
    return Next::Done;
}

Result<DownloadOutcome> Transfer::result() const {
    if (error_) {
        return *error_;
    }
    return outcome_;
}

}  // namespace thimble::feeds
