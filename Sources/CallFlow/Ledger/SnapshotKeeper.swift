package import ServiceLifecycle

/// Keeps a snapshot of the book now and then, and one more at the end, so that the next start has little to read; none at
/// the end of a stop that is cancelled.
///
/// Must stop after all that commits records, and before the journal is closed.
package struct SnapshotKeeper: Service {
    private let flow: CallFlow

    package init(flow: CallFlow) { self.flow = flow }

    package func run() async {
        await cancelledByStop { await flow.ledger.keepSnapshots() }
        // What is cancelled has no time for it, and the journal may be closed already.
        guard !Task.isCancelled else { return }
        // A journal that has failed has said so.
        try? await flow.ledger.keepSnapshot()
    }
}
