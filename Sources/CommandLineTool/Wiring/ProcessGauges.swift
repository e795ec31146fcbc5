import Foundation
import Gateway

extension PrometheusRegistry {
    /// Registers what is known of this process; what the system says, under the names that all Prometheus clients use.
    func addProcessGauges() {
        let startedAt = Date().timeIntervalSince1970
        gauge("process_start_time_seconds", "When the process started, in seconds since 1970.") { [([], startedAt)] }
        counter("switchboard_log_lines_dropped_total", "Log lines that nobody took in time.") {
            [([], Double(LogWriter.standardError.linesDropped))]
        }
        gauge("process_resident_memory_bytes", "Memory that the process has in use.") {
            Self.residentMemory.map { [([], Double($0))] } ?? []
        }
        gauge("process_open_fds", "Files and sockets that the process has open.") {
            let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
            return open.map { [([], Double($0.count))] } ?? []
        }
    }

    /// In bytes, where the system has `/proc`.
    private static var residentMemory: Int? {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return nil }
        let fields = text.split(separator: " ")
        return fields.count > 1 ? Int(fields[1]).map { $0 * Int(sysconf(Int32(_SC_PAGESIZE))) } : nil
    }
}
