import Foundation

/// Standard input, output and error of the process.
enum StandardStreams {
    /// Opens those that the process was started without (`2>&-`) on `/dev/null`.
    ///
    /// The next file or socket would get their numbers otherwise, and log lines would be written into it. Must be called
    /// before anything is opened.
    static func openMissing() {
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(descriptor, F_GETFD) < 0 {
            // The lowest free number is taken, which is this one.
            _ = open("/dev/null", O_RDWR)
        }
    }
}
