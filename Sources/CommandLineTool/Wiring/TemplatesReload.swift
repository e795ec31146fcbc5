import CallDomain
import Foundation
import Logging
import ServiceLifecycle
import TwilioAdapter

/// In development: reads the TwiML templates again whenever one of them changes. A bad one is named, and the good ones
/// from before stay in use.
struct TemplatesReload: Service {
    private static let interval = Duration.seconds(1)

    let directory: String
    let templates: Rotating<TwiMLTemplates>
    let clock: any TimeSource
    let logger: Logger

    func run() async {
        await cancelWhenGracefulShutdown {
            var known = state
            while (try? await clock.sleep(for: Self.interval)) != nil {
                let now = state
                guard now != known else { continue }
                known = now
                reload()
            }
        }
    }

    private func reload() {
        do throws(TwiMLTemplateError) {
            templates.replace(with: try TwiMLTemplates(directory: directory))
            logger.notice("TwiML templates reloaded")
        } catch {
            logger.error("TwiML templates not reloaded", metadata: ["problem": "\(error)"])
        }
    }

    /// Name, size and time of change of every file in the directory.
    private var state: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return names.sorted().map { name in
            let attributes = try? FileManager.default.attributesOfItem(atPath: "\(directory)/\(name)")
            let changed = (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
            return "\(name) \(attributes?[.size] ?? 0) \(changed)"
        }
    }
}
