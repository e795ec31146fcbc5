package import ServiceLifecycle

/// Keeps a snapshot of the book now and then, and one more at the end, so that the next start has little to read.
///
/// Must stop after all that commits records, and before the journal is closed.
package struct SnapshotKeeper: Service {
    private let flow: CallFlow

    package init(flow: CallFlow) { self.flow = flow }

    package func run() async {
        await cancelledByStop { await flow.ledger.keepSnapshots() }
        // A journal that has failed has said so.
        try? await flow.ledger.keepSnapshot()
    }
}
