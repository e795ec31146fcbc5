import Foundation
import TestSupport
import Testing

@testable import CommandLineTool

@Suite struct `A file of certificates` {
    private let good: String
    private let begin = "-----BEGIN CERTIFICATE-----\n"
    private let end = "-----END CERTIFICATE-----\n"

    init() throws { good = String(decoding: try Fixture.bytes("tls/ca.pem"), as: UTF8.self) }

    /// What is wrong with a text; `nil` if nothing is.
    private func fault(_ text: String) -> String? {
        do throws(ValueFault) {
            try PEMCertificates.check(text)
            return nil
        } catch {
            return error.wrong
        }
    }

    @Test func `may hold several, with any line ends and with remarks between them`() {
        #expect(fault(good) == nil)
        #expect(fault("# ours\n\(good)# theirs: 0xFF\n\(good)") == nil)
        #expect(fault(good.replacing("\n", with: "\r\n")) == nil)
        #expect(fault(good.replacing("\n", with: "  \n")) == nil)
    }

    @Test(arguments: [
        // Not base64, base64 of no DER, DER of something else, and nothing at all.
        "x\n", "Z2FyYmFnZQ==\n", "MAA=\n", "MAMCAQU=\n", "",
    ])
    func `is told to be broken where it is, whatever stands around`(base64: String) {
        let broken = begin + base64 + end
        #expect(fault(broken)?.contains("certificate 1 is broken") == true)
        #expect(fault(good + broken + good)?.contains("certificate 2 is broken") == true)
    }

    @Test func `misses no line in the middle, nor its end`() {
        let lines = good.split(separator: "\n")
        let cut = (lines[..<3] + lines[4...]).joined(separator: "\n")
        #expect(fault(cut)?.contains("certificate 1 is broken") == true)
        let endless = lines.dropLast().joined(separator: "\n")
        #expect(fault(endless)?.contains("certificate 1 has no line -----END") == true)
        #expect(fault("\(endless)\n\(good)")?.contains("certificate 1 has no line -----END") == true)
    }

    @Test func `has one at least`() throws {
        let key = String(decoding: try Fixture.bytes("tls/localhost.key.pem"), as: UTF8.self)
        for text in ["", "hello\n", key] { #expect(fault(text) == "names a file without a PEM certificate") }
    }
}
