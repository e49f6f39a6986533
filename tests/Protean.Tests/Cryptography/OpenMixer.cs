using Protean.Cryptography;
using static Protean.Tests.Cryptography.Fixtures;

namespace Protean.Tests.Cryptography;

/// <summary>A mixer who knows the logarithm of everything, plays Neff's prover in plain scalars, and can cheat. Challenges are random, as if the
/// transcript held all that comes before them.</summary>
internal sealed class OpenMixer(int rows)
{
    private readonly Scalar _key = Draw(), _gamma = Draw(), _tau0 = Draw();
    private readonly Scalar[] _x = Draws(rows), _y = Draws(rows), _beta = Draws(rows), _u = Draws(rows), _w = Draws(rows), _a = Draws(rows);

    /// <summary>By what the plaintext and randomness of each output are multiplied: 1 for an honest mixer.</summary>
    public Scalar[] Factors { get; init; } = [.. Enumerable.Repeat(Scalar.One, rows)];

    /// <summary>Output i is input i + 1, times its factor: <c>X'_i = f_i X_{pi(i)} + beta_{pi(i)} G</c>. Then <c>sigma_i = (w_i + b_{pi(i)}) / f_i</c>
    /// satisfies (a), (b) and (c), and the simple shuffle is made of inputs and outputs that fit it.</summary>
    public NeffClaim Prove()
    {
        int[] pi = [.. Enumerable.Range(1, rows).Select(i => i % rows)];
        Scalar[] outX = [.. pi.Select((from, i) => Factors[i] * _x[from] + _beta[from])];
        Scalar[] outY = [.. pi.Select((from, i) => Factors[i] * _y[from] + _beta[from] * _key)];
        var inverses = (Scalar[])Factors.Clone();
        Scalar.InvertAll(inverses);
        var (rho, lambda, t, c) = (Draws(rows), Draw(), Draw(), Draw());

        Scalar[] b = [.. rho.Select((one, i) => one - _u[i])];
        Scalar[] d = [.. pi.Select((from, i) => _gamma * b[from] * inverses[i])];
        Scalar[] sigma = [.. pi.Select((from, i) => _w[i] + b[from] * inverses[i])];
        Scalar Linear(Scalar[] inputs) => Sum(rows, i => _w[i] * Factors[i] * inputs[pi[i]] - _u[i] * inputs[i]);
        var shift = _tau0 + Sum(rows, i => _w[i] * _beta[pi[i]]);
        var tau = Sum(rows, i => b[pi[i]] * inverses[i] * _beta[pi[i]]) - _tau0;
        Scalar[] r = [.. _a.Select((one, i) => one + lambda * b[i] - t)];
        Scalar[] s = [.. pi.Select(from => _gamma * r[from])];
        var (theta, alpha) = Products(r, s, c);
        var commitments = new NeffCommitments(
            P(_gamma), Ps(_a), Ps([.. pi.Select(from => _gamma * _a[from])]), Ps(_u), Ps([.. _w.Select(one => _gamma * one)]),
            P(Linear(_x) + shift), P(Linear(_y) + shift * _key));
        var proof = new NeffProof(commitments, Ps(d), sigma, tau, theta, alpha);
        return Claim(_x, _y, outX, outY, proof, new NeffChallenges([Scalar.One], rho, lambda, t, c));
    }

    /// <summary>Three of the rows hold a vote, four of the outputs. All A_i are equal, so pi is chosen once rho is known: such that the b's of the
    /// inputs with a vote and those that come to stand at outputs with one have equal sums. Null where there is no such choice.</summary>
    public static NeffClaim? AddVote(int rows, SeededRandom random)
    {
        var mixer = new OpenMixer(rows);
        var bits = new byte[rows];
        random.Fill(bits);
        Scalar[] rho = [.. bits.Select(static one => Scalar.FromInteger(one))];
        var target = bits[0] + bits[1] + bits[2];
        var chosen = Enumerable.Range(0, 1 << rows).FirstOrDefault(set => int.PopCount(set) == 4 && Members(set, rows).Sum(i => bits[i]) == target);
        if (chosen == 0) return null;
        int[] pi = [.. Members(chosen, rows), .. Members(~chosen, rows)];
        return mixer.Prove(rho, pi, votesIn: 3, votesOut: 4);
    }

    private NeffClaim Prove(Scalar[] rho, int[] pi, int votesIn, int votesOut)
    {
        Scalar[] votes = [.. _x.Select((x, i) => x * _key + (i < votesIn ? Scalar.One : Scalar.Zero))];
        Scalar[] outVotes = [.. _beta.Select((x, i) => x * _key + (i < votesOut ? Scalar.One : Scalar.Zero))];
        // u_i = 0, so that b_i = rho_i; all a_i and all w_i are one. L1 is anything, tau fits it, and L2 holds the votes weighted by w alone.
        var (a, w, l1) = (_a[0], _w[0], _tau0);
        var (lambda, t, c) = (Draw(), Draw(), Draw());
        Scalar[] sigma = [.. pi.Select(from => w + rho[from])];
        var tau = Sum(rows, i => sigma[i] * _beta[i] - rho[i] * _x[i]) - l1;
        Scalar[] r = [.. rho.Select(b => a + lambda * b - t)];
        var (theta, alpha) = Products(r, [.. pi.Select(from => _gamma * r[from])], c);
        var commitments = new NeffCommitments(
            P(_gamma), Ps([.. rho.Select(_ => a)]), Ps([.. rho.Select(_ => _gamma * a)]), Ps(new Scalar[rows]), Ps([.. rho.Select(_ => _gamma * w)]),
            P(l1), P(l1 * _key + w * Scalar.FromInteger((ulong)votesOut)));
        var d = Ps([.. pi.Select(from => _gamma * rho[from])]);
        var proof = new NeffProof(commitments, d, sigma, tau, theta, alpha);
        return Claim(_x, votes, _beta, outVotes, proof, new NeffChallenges([Scalar.One], rho, lambda, t, c));
    }

    /// <summary>P7 and P8.</summary>
    private (PointList Theta, Scalar[] Alpha) Products(Scalar[] r, Scalar[] s, Scalar c)
    {
        var th = Draws(2 * rows - 1);
        var theta = Enumerable.Range(0, 2 * rows).Select(i =>
            (i == 0 ? Scalar.Zero : th[i - 1] * (i < rows ? r[i] : _gamma)) - (i == th.Length ? Scalar.Zero : i < rows ? th[i] * s[i] : th[i]));
        var alpha = (Scalar[])th.Clone();
        var (quotient, power) = (c, c);
        for (var i = 0; i < rows; i++) alpha[i] += quotient *= r[i] * s[i].Invert();
        for (var i = 1; i < rows; i++) alpha[^i] += power *= _gamma.Invert();
        return (Ps([.. theta]), alpha);
    }

    private NeffClaim Claim(Scalar[] x, Scalar[] y, Scalar[] outX, Scalar[] outY, NeffProof proof, NeffChallenges challenges) => new(
        new ShuffleStatement(default, P(_key), new Ciphertexts(1, Ps(x), Ps(y)), new Ciphertexts(1, Ps(outX), Ps(outY))),
        proof, challenges, Sums, SystemRandom.Instance);

    private static Scalar Draw() => Scalar.Random(SystemRandom.Instance);
    private static Scalar[] Draws(int count) => [.. Enumerable.Range(0, count).Select(static _ => Draw())];
    private static Point P(Scalar scalar) => Point.MultiplyBase(scalar);
    private static PointList Ps(Scalar[] scalars) => new([.. scalars.Select(P)]);
    private static Scalar Sum(int count, Func<int, Scalar> term) => Enumerable.Range(0, count).Aggregate(Scalar.Zero, (sum, i) => sum + term(i));
    private static IEnumerable<int> Members(int set, int rows) => Enumerable.Range(0, rows).Where(i => (set >> i & 1) != 0);
}
