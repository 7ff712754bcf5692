import SNNCore
import SNNGraph
import SNNKernels
import SNNTestSupport
import SNNTraining
import Testing

/// Losses that the host computes.
@Suite(.serialized) struct HostLossTests {
    /// The squared error; `user` points to what its gradient is multiplied with, and to a status.
    private static let squares: HostLoss.Callback = {
        target, prediction, rows, width, values, gradient, user in
        let factor = user!.assumingMemoryBound(to: Float.self)[0]
        for row in 0 ..< Int(rows) {
            var sum: Float = 0
            for index in row * Int(width) ..< (row + 1) * Int(width) {
                let difference = prediction![index] - target![index]
                sum += difference * difference
                gradient?[index] = factor * 2 * difference / Float(width)
            }
            values![row] = sum / Float(width)
        }
        return Int32(user!.assumingMemoryBound(to: Float.self)[1])
    }

    private func run(
        _ factor: Float, status: Float = 0
    ) throws -> (LossRun.Outcome, LossRun.Outcome) {
        var user = [factor, status]
        return try user.withUnsafeMutableBytes { user in
            try HostLosses.register("squares", HostLossTests.squares, user: user.baseAddress)
            defer { try? HostLosses.register("squares", nil, user: nil) }
            var outcomes: [LossRun.Outcome] = []
            for name in ["squares", "mean_squared_error"] {
                var run = try LossRun(
                    .string(name), prediction: testNumbers(60, seed: 1),
                    target: testNumbers(60, seed: 2), rows: 20, shape: [3])
                run.weights = (0 ..< 20).map { Float($0) / 8 }
                outcomes.append(try run(.best))
            }
            return (outcomes[0], outcomes[1])
        }
    }

    @Test func aHostsLossIsAsGoodAsOurs() throws {
        let (host, own) = try run(1)
        #expect(Tolerance.golden.difference(host.values, own.values) == nil)
        #expect(Tolerance.golden.difference(host.gradient, own.gradient) == nil)
        #expect((host.loss - own.loss).magnitude < 1e-6)
    }

    @Test func aWrongDerivativeIsNamed() throws {
        for factor: Float in [-1, 0.5, 1.1, 2, 0] {
            let error = #expect(throws: SNNError.self) { try run(factor) }
            #expect(error?.status == .argument)
            for part in ["'squares'", "of sample ", "expected", "received"] {
                #expect(error?.message.contains(part) ?? false, "\(error?.message ?? "")")
            }
        }
    }

    @Test func anotherGradientMayBeMeant() throws {
        var user: [Float] = [-1, 0]
        try user.withUnsafeMutableBytes { user in
            try HostLosses.register("squares", HostLossTests.squares, user: user.baseAddress)
            defer { try? HostLosses.register("squares", nil, user: nil) }
            let json: JSON = .keras(
                "squares", .object(("gradient_is_derivative", .bool(false)), ("more", .integer(3))))
            let run = try LossRun(
                json, prediction: testNumbers(6, seed: 1), target: testNumbers(6, seed: 2), rows: 2,
                shape: [3])
            _ = try run(.best)
            // Its options are what the file keeps.
            let kept = try #require(try Losses.make(json)).json.write()
            #expect(kept.contains("\"more\": 3") && kept.contains("is_derivative\": false"), "\(kept)")
        }
    }

    /// A callback that a runtime left without a word has written nothing.
    @Test func valuesThatAreNotWrittenAreNotFinite() throws {
        let nothing: HostLoss.Callback = { _, _, _, _, _, _, _ in 0 }
        try HostLosses.register("nothing", nothing, user: nil)
        defer { try? HostLosses.register("nothing", nil, user: nil) }
        let run = try LossRun(
            "nothing", prediction: testNumbers(6, seed: 1), target: testNumbers(6, seed: 2), rows: 2,
            shape: [3])
        #expect(!(try run(.best)).loss.isFinite)
    }

    @Test func aFailureIsAnError() throws {
        let error = #expect(throws: SNNError.self) { try run(1, status: 7) }
        #expect(error?.status == .state && error?.message.contains("failed with 7") ?? false)
    }

    @Test func namesAreChecked() throws {
        for name in ["", "mse", "Huber", "ctc", "a\nb"] {
            #expect(throws: SNNError.self) {
                try HostLosses.register(name, HostLossTests.squares, user: nil)
            }
        }
        let error = #expect(throws: SNNError.self) { try Losses.make("squares_of_mine") }
        #expect(error?.message.contains("registered") ?? false)
    }
}
