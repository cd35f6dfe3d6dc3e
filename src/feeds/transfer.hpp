#pragma once
/// @file Private to this room: one download over all its attempts and redirects.

#include "thimble/feeds/download.hpp"

#include <cstdint>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace thimble::feeds {

/// Whether a redirect may be followed: to http and https only, and never from https to http.
bool may_redirect(std::string_view from, std::string_view to);

/// One request while it is fetched. The handle is curl's easy handle, which this header does not name.
class Transfer {
public:
    enum class Next : std::uint8_t { Done, Again };

    Transfer(const DownloadRequest& request, const DownloadSettings& settings);
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;
    Transfer(Transfer&&) = delete;
    Transfer& operator=(Transfer&&) = delete;
    ~Transfer();

    /// Sets up the next attempt. False when there is none, and `result` says why.
    bool prepare();
    /// Judges an attempt that ended with curl's `code`.
    Next finish(int code);
    /// Takes a piece of the body. False to abort.
    bool take(std::string_view piece);

    [[nodiscard]] void* handle() const { return handle_; }
    [[nodiscard]] std::uint64_t received() const { return offset_ + written_; }
    [[nodiscard]] std::uint64_t expected() const { return expected_; }
    /// Valid once done.
    [[nodiscard]] Result<DownloadOutcome> result() const;

private:
    void look_for_part();
    void set_options();
    void set_headers();
    bool begin_body();
    /// Ends the transfer for want of room, or of rights, where it is written. @return false
    bool unwritten(int why);
    Next follow_redirect();
    Next finish_response(long status);
    Next complete();
    Next failed(ErrorKind kind, std::string_view code, std::string message);
    Next broken(int code);
    [[nodiscard]] std::string header(const char* name) const;
    [[nodiscard]] std::filesystem::path note_of_part() const;
    void forget_part();

    DownloadRequest request_;
    const DownloadSettings& settings_;
    void* handle_;
    void* headers_ = nullptr;
    std::string address_;
    std::string part_validator_;  ///< of the part on disk; empty: there is none to continue
    std::ofstream file_;
    std::uint64_t offset_ = 0;   ///< bytes that were there before this attempt
    std::uint64_t written_ = 0;  ///< bytes of this attempt
    std::uint64_t expected_ = 0;
    unsigned attempts_ = 0;
    unsigned redirects_ = 0;
    bool body_begun_ = false;
    bool body_wanted_ = false;
    bool resumed_ = false;
    std::optional<Error> error_;
    DownloadOutcome outcome_;
};

}  // namespace thimble::feeds
