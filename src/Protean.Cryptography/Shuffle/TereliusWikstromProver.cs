using System.Security.Cryptography;
using static Protean.Cryptography.SecretScalars;

namespace Protean.Cryptography;

/// <summary>Proves one shuffle once (protocols 7.3, P1 to P3). Names are those of the protocol.</summary>
/// <remarks>The chain <c>chat_i = rh_i G + u~_i chat_{i-1}</c> is computed as <c>sum_i G + product_i h</c>, with <c>sum_i = rh_i + u~_i
/// sum_{i-1}</c> and <c>product_i = u~_i product_{i-1}</c>: as many multiples, and no core waits for another.</remarks>
internal sealed class TereliusWikstromProver : IDisposable
{
    private const int LeastPiece = 4;

    private readonly ShuffleStatement _statement;
    private readonly Mix _mix;
    private readonly ICores _cores;
    private readonly int _rows;
    private readonly PointList _generators;

    // r of c, rh of chat, omega of t1 t2 t3 t4, oh of that, o' of the permuted challenges.
    private readonly SecretScalars _r, _chainR, _omega, _chainOmega, _permutedOmega;

    // u~_i = u_{pi(i)}; the chain's sums and products, each preceded by that of chat_{-1} = h.
    private readonly SecretScalars _permutedU, _sums, _products;

    public TereliusWikstromProver(ShuffleStatement statement, Mix mix, IRandom random, ICores cores)
    {
        (_statement, _mix, _cores, _rows) = (statement, mix, cores, statement.Rows);
        _generators = PermutationGenerators.Of(_rows + 1, cores);
        _r = SecretScalars.Random(_rows, random);
        _chainR = SecretScalars.Random(_rows, random);
        _omega = SecretScalars.Random(4, random);
        _chainOmega = SecretScalars.Random(_rows, random);
        _permutedOmega = SecretScalars.Random(_rows, random);
        _permutedU = new SecretScalars(_rows);
        _sums = new SecretScalars(_rows + 1);
        _products = new SecretScalars(_rows + 1);
    }

    public TereliusWikstromProof Prove()
    {
        var transcript = new TereliusWikstromTranscript(_statement);
        var c = CommitPermutation();
        var u = transcript.Commit(c);
        Link(u);
        var chain = Chain(_sums, 1, _products, 1);
        var t = CommitEquations(transcript.E);
        var chainT = CommitChain();
        var x = transcript.Commit(chain, t, chainT);
        using var beta = _mix.FoldBetas(transcript.E);
        return new TereliusWikstromProof(
            c, chain, t, chainT, Respond(x, u, beta), Respond(x, _chainOmega, _chainR), Respond(x, _permutedOmega, _permutedU));
    }

    public void Dispose()
    {
        foreach (var secrets in new[] { _r, _chainR, _omega, _chainOmega, _permutedOmega, _permutedU, _sums, _products }) secrets.Dispose();
    }

    /// <summary>P1: <c>c_{pi(i)} = r_{pi(i)} G + h_i</c>.</summary>
    private PointList CommitPermutation()
    {
        var c = new Point[_rows];
        _cores.Each(_rows, LeastPiece, i =>
        {
            var row = _mix[i];
            Span<byte> sum = stackalloc byte[Point.Size];
            Point.MultiplyBase(_r[row], sum);
            _ = Sodium.crypto_core_ristretto255_add(sum, sum, _generators[i + 1].Span);
            c[row] = Point.OfValid(sum);
        });
        return new PointList(c);
    }

    private void Link(Scalar[] u)
    {
        Scalar.One.Span.CopyTo(_products[0]);
        for (var i = 0; i < _rows; i++)
        {
            u[_mix[i]].Span.CopyTo(_permutedU[i]);
            MultiplyAdd(_sums[i + 1], _permutedU[i], _sums[i], _chainR[i]);
            Multiply(_products[i + 1], _permutedU[i], _products[i]);
        }
    }

    /// <summary>that: <c>oh_i G + o'_i chat_{i-1}</c>.</summary>
    private PointList CommitChain()
    {
        using var sums = new SecretScalars(_rows);
        using var products = new SecretScalars(_rows);
        for (var i = 0; i < _rows; i++)
        {
            MultiplyAdd(sums[i], _permutedOmega[i], _sums[i], _chainOmega[i]);
            Multiply(products[i], _permutedOmega[i], _products[i]);
        }
        return Chain(sums, 0, products, 0);
    }

    /// <summary><c>sums_i G + products_i h</c> for each row.</summary>
    private PointList Chain(SecretScalars sums, int firstSum, SecretScalars products, int firstProduct)
    {
        var chain = new Point[_rows];
        _cores.Each(_rows, LeastPiece, i =>
        {
            Span<byte> sum = stackalloc byte[Point.Size];
            Span<byte> product = stackalloc byte[Point.Size];
            Point.MultiplyBase(sums[firstSum + i], sum);
            Point.Multiply(products[firstProduct + i], _generators[0], product);
            _ = Sodium.crypto_core_ristretto255_add(sum, sum, product);
            chain[i] = Point.OfValid(sum);
            CryptographicOperations.ZeroMemory(product);
        });
        return new PointList(chain);
    }

    /// <summary>t1, t2, t3, t41, t42.</summary>
    private PointList CommitEquations(Scalar[] e)
    {
        using var minus = new SecretScalars(1);
        Subtract(minus[0], Scalar.Zero.Span, _omega[3]);
        using var cells = new SecretScalars(_rows * e.Length);
        for (var cell = 0; cell < cells.Count; cell++) Multiply(cells[cell], _permutedOmega[cell / e.Length], e[cell % e.Length].Span);
        return new PointList(
            Point.MultiplyBase(_omega[0]), Point.MultiplyBase(_omega[1]),
            _permutedOmega.Sum(_generators.Memory[1..], _omega[2], Point.Base, _cores),
            cells.Sum(_statement.Outputs.X.Memory, minus[0], Point.Base, _cores),
            cells.Sum(_statement.Outputs.Y.Memory, minus[0], _statement.Key, _cores));
    }

    /// <summary>s1 .. s4.</summary>
    private Scalar[] Respond(Scalar x, Scalar[] u, SecretScalars beta)
    {
        using var sums = new SecretScalars(3);
        for (var j = 0; j < _rows; j++)
        {
            Add(sums[0], sums[0], _r[j]);
            MultiplyAdd(sums[1], u[j].Span, _r[j], sums[1]);
            MultiplyAdd(sums[2], u[j].Span, beta[j], sums[2]);
        }
        return
        [
            SecretScalars.Respond(x.Span, sums[0], _omega[0]), SecretScalars.Respond(x.Span, _sums[_rows], _omega[1]),
            SecretScalars.Respond(x.Span, sums[1], _omega[2]), SecretScalars.Respond(x.Span, sums[2], _omega[3]),
        ];
    }

    private static Scalar[] Respond(Scalar x, SecretScalars nonces, SecretScalars secrets)
    {
        var responses = new Scalar[nonces.Count];
        for (var i = 0; i < responses.Length; i++) responses[i] = SecretScalars.Respond(x.Span, secrets[i], nonces[i]);
        return responses;
    }
}
