import Foundation
import SNNCore
import Testing

@testable import SNNGraph

@Suite struct InitializerSTFTTests {
    @Test func turnsAreCosinesAndSines() {
        // The angle given to libm, up to 2π, is itself off by up to 4e-16 and its rounding.
        for denominator in [1, 2, 3, 4, 7, 8, 12, 1000, 65_537] {
            for numerator in stride(from: 0, to: 3 * denominator, by: max(1, denominator / 50)) {
                let angle = 2 * Double.pi * Double(numerator % denominator) / Double(denominator)
                #expect(abs(Turn.cosine(numerator, of: denominator) - cos(angle)) < 1e-15)
                #expect(abs(Turn.sine(numerator, of: denominator) - sin(angle)) < 1e-15)
            }
        }
        #expect(Turn.cosine(1, of: 4) == 0 && Turn.sine(1, of: 2) == 0)
        #expect(Turn.cosine(1, of: 2) == -1 && Turn.sine(3, of: 4) == -1)
    }

    @Test func windowsAreThoseOfSciPy() throws {
        let rows = try #require(InitializerGolden.read("windows.json").elements)
        #expect(rows.count == 17 * 12)
        for row in rows {
            let names = try #require(row["names"]?.goldenTexts)
            let expected = try #require(row["values"]?.goldenNumbers)
            let isPeriodic = row["periodic"] == true
            let window = try #require(Window.named(names[0]))
            #expect(window.names == names)
            for n in expected.indices {
                let value = window.value(n, length: expected.count, isPeriodic: isPeriodic)
                #expect(abs(value - expected[n]) < 1e-14, "\(names[0])[\(n)] of \(expected.count)")
            }
        }
    }

    /// Keras 3.15: STFT(side, "hann", scaling=None) for (4, 1, 3); the window is 0, 3/4, 3/4, 0 and
    /// the angles are −2π t f / 4.
    @Test func kernelsAreWavesUnderAWindow() throws {
        let real = "{class_name: 'STFT', config: {scaling: null}}"
        #expect(
            try initialized(real, [4, 1, 3]) == [
                0, 0, 0, 0.75, 0, -0.75, 0.75, -0.75, 0.75, 0, 0, 0,
            ])
        let imaginary = "{class_name: 'STFT', config: {side: 'imag', scaling: null}}"
        #expect(
            try initialized(imaginary, [4, 1, 3]) == [0, 0, 0, 0, -0.75, 0, 0, 0, 0, 0, 0, 0])
    }

    @Test func scalingIsTheWindowsNorm() throws {
        // √(1 + 4 + 4) = 3 and 1 + 2 + 2 = 5; element (t, 0, 0) is w(t) / s.
        for (scaling, scale) in [("density", 3), ("spectrum", 5)] as [(String, Float)] {
            let text = """
                {class_name: 'STFT', config: {window: [1, -2, 2], scaling: '\(scaling)'}}
                """
            let values = try initialized(text, [3, 1, 2])
            #expect([values[0], values[2], values[4]] == [1 / scale, -2 / scale, 2 / scale])
        }
        let bare = "{class_name: 'STFT', config: {window: null, scaling: 'density'}}"
        #expect(try initialized(bare, [2, 1, 2]) == [1, 1, 1, -1])
    }

    @Test func shapesThatAreNoKernelAreRefused() {
        for extents in [[4, 3], [4, 2, 3], [4, 1, 1]] {
            let message = initializerError(.shape) { _ = try initialized("'stft'", extents) }
            #expect(
                message.hasPrefix(
                    "STFT: expected a shape of (frame, 1, at least 2 bins), received ("))
        }
        let listed = "{class_name: 'STFT', config: {window: [1, 2, 3]}}"
        #expect(
            initializerError(.shape) { _ = try initialized(listed, [4, 1, 3]) }
                == "STFT: expected a frame of 3, the window's length, received 4")
        // Both samples of a symmetric Hann window of 2 are 0.
        #expect(
            initializerError(.shape) { _ = try initialized("'stft'", [2, 1, 3]) }
                == "STFT: a window of 2 samples that are all 0 cannot be scaled")
    }
}
