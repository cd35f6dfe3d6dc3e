// The `thimble version-order` command alone: what the oracles question, without the rest of the program.
#include "thimble/cli/exit_status.hpp"
#include "thimble/cli/version_order_command.hpp"

#include <iostream>
#include <string_view>

int main(int argc, char** argv) {
    if (argc != 3 || std::string_view(argv[1]) != "version-order") {
        std::cerr << "usage: " << argv[0] << " version-order ECOSYSTEM\n";
        return 64;
    }
    std::ios::sync_with_stdio(false);
    const int status = thimble::cli::run_version_order(argv[2], std::cin, std::cout, std::cerr);
    // Generated versions may be invalid; what is said of them is compared line by line.
    return status == thimble::cli::kSomeLineInvalid ? 0 : status;
}
