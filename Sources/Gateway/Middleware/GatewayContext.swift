package import Hummingbird
import NIOCore

/// What accompanies a request on its way.
package struct GatewayContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// The client's own id of the request if it sent a sane one, else ours.
    package var requestID: String
    /// What its line in the access log says besides.
    package let trace = RequestTrace()
    /// The name of the API key that was given; empty where none is needed.
    package var caller = ""
    /// The connection that the request came on.
    package let channel: any Channel

    package init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        requestID = ""
        channel = source.channel
    }
}
