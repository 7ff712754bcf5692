/// Cosine and sine of a fraction of a turn, the same bits on every machine.
///
/// The angle 2π · numerator / denominator is reduced exactly, in integers, to an eighth of a turn;
/// there the Taylor series up to degree 17 is off by less than 2^-52.
enum Turn {
    /// cos(2π · numerator / denominator), for 0 ≤ numerator and 1 ≤ denominator ≤ 2^59.
    static func cosine(_ numerator: Int, of denominator: Int) -> Double {
        let (eighth, rest) = reduced(numerator, denominator)
        switch eighth {
        case 0: return cosine(ofFraction: rest)
        case 1: return sine(ofFraction: rest)
        case 2: return -sine(ofFraction: rest)
        case 3: return -cosine(ofFraction: rest)
        case 4: return -cosine(ofFraction: rest)
        case 5: return -sine(ofFraction: rest)
        case 6: return sine(ofFraction: rest)
        default: return cosine(ofFraction: rest)
        }
    }

    /// sin(2π · numerator / denominator), for 0 ≤ numerator and 1 ≤ denominator ≤ 2^59.
    static func sine(_ numerator: Int, of denominator: Int) -> Double {
        let (eighth, rest) = reduced(numerator, denominator)
        switch eighth {
        case 0: return sine(ofFraction: rest)
        case 1: return cosine(ofFraction: rest)
        case 2: return cosine(ofFraction: rest)
        case 3: return sine(ofFraction: rest)
        case 4: return -sine(ofFraction: rest)
        case 5: return -cosine(ofFraction: rest)
        case 6: return -cosine(ofFraction: rest)
        default: return -sine(ofFraction: rest)
        }
    }

    /// The eighth of the turn, 0...7, and the fraction of a turn, 0...1/8, from the angle to the
    /// nearest multiple of a quarter turn.
    private static func reduced(_ numerator: Int, _ denominator: Int) -> (Int, Double) {
        let eighths = 8 * (numerator % denominator)
        let eighth = eighths / denominator
        let above = eighths - eighth * denominator
        // Odd eighths are measured back from the quarter turn that ends them.
        let distance = eighth % 2 == 0 ? above : denominator - above
        return (eighth, Double(distance) / Double(denominator) / 8)
    }

    private static func cosine(ofFraction fraction: Double) -> Double {
        let angle = 2 * Double.pi * fraction
        return 1 - series(angle * angle, firstFactor: 1)
    }

    private static func sine(ofFraction fraction: Double) -> Double {
        let angle = 2 * Double.pi * fraction
        return angle - angle * series(angle * angle, firstFactor: 2)
    }

    /// x/(a(a+1)) · (1 − x/((a+2)(a+3)) · (1 − …)), eight terms: 1 − cos for a = 1 and
    /// 1 − sin(angle)/angle for a = 2, with x the square of the angle.
    private static func series(_ square: Double, firstFactor: Int) -> Double {
        var sum = 0.0
        var factor = firstFactor + 14
        while factor >= firstFactor {
            sum = square / Double(factor * (factor + 1)) * (1 - sum)
            factor -= 2
        }
        return sum
    }
}
