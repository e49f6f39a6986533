using System.Security.Cryptography;
using static Protean.Cryptography.SecretScalars;

namespace Protean.Cryptography;

/// <summary>Proves one shuffle once (protocols 7.2, P1 to P8). Names are those of the protocol.</summary>
/// <remarks>That an a_i is zero or two are equal, which the verifier refuses, has a chance below N^2 / l.</remarks>
internal sealed class NeffProver : IDisposable
{
    private const int LeastPiece = 8;

    private readonly ShuffleStatement _statement;
    private readonly Mix _mix;
    private readonly ICores _cores;
    private readonly int _rows;
    private readonly SecretScalars _u, _w, _a, _theta;

    // gamma and tau0.
    private readonly SecretScalars _single;

    // What follows from challenges: b, then r in place of a, then their images under the permutation.
    private readonly SecretScalars _b, _s;

    public NeffProver(ShuffleStatement statement, Mix mix, IRandom random, ICores cores)
    {
        (_statement, _mix, _cores, _rows) = (statement, mix, cores, statement.Rows);
        _u = SecretScalars.Random(_rows, random);
        _w = SecretScalars.Random(_rows, random);
        _a = SecretScalars.Random(_rows, random);
        _single = SecretScalars.Random(2, random);
        _theta = SecretScalars.Random(2 * _rows - 1, random);
        _b = new SecretScalars(_rows);
        _s = new SecretScalars(_rows);
    }

    private Span<byte> Gamma => _single[0];
    private Span<byte> Tau0 => _single[1];

    /// <summary>Null where a value that must not be zero is: then everything is drawn anew.</summary>
    public NeffProof? Prove()
    {
        var transcript = new NeffTranscript(_statement);
        using var beta = _mix.FoldBetas(transcript.E);
        var commitments = Commit(transcript.E, beta);
        var rho = transcript.Commit(commitments);
        for (var i = 0; i < _rows; i++) Subtract(_b[i], rho[i].Span, _u[i]);
        var d = Permuted(_b).MultiplyBase(_cores);
        var lambda = transcript.Permute(d);
        var (sigma, tau) = Respond(beta);
        var t = transcript.Respond(sigma, tau);
        if (!Shift(lambda, t)) return null;
        var theta = CommitProducts();
        var c = transcript.Multiply(theta);
        return new NeffProof(commitments, d, sigma, tau, theta, Products(c));
    }

    public void Dispose()
    {
        foreach (var secrets in new[] { _u, _w, _a, _theta, _single, _b, _s }) secrets.Dispose();
    }

    /// <summary>P1.</summary>
    private NeffCommitments Commit(Scalar[] e, SecretScalars beta)
    {
        using var gammaW = new SecretScalars(_rows);
        using var shift = new SecretScalars(1);
        Tau0.CopyTo(shift[0]);
        for (var i = 0; i < _rows; i++)
        {
            Multiply(gammaW[i], Gamma, _w[i]);
            MultiplyAdd(shift[0], _w[i], beta[_mix[i]], shift[0]);
        }
        using var factors = Factors(e);
        return new NeffCommitments(
            Point.MultiplyBase(Gamma), _a.MultiplyBase(_cores), Permuted(_a).MultiplyBase(_cores), _u.MultiplyBase(_cores),
            gammaW.MultiplyBase(_cores),
            factors.Sum(_statement.Inputs.X.Memory, shift[0], Point.Base, _cores),
            factors.Sum(_statement.Inputs.Y.Memory, shift[0], _statement.Key, _cores));
    }

    /// <summary>For each input cell <c>(w_{pi^-1(i)} - u_i) e_j</c>.</summary>
    private SecretScalars Factors(Scalar[] e)
    {
        var factors = new SecretScalars(_rows * e.Length);
        Span<byte> difference = stackalloc byte[Scalar.Size];
        for (var k = 0; k < _rows; k++)
        {
            var i = _mix[k];
            Subtract(difference, _w[k], _u[i]);
            for (var j = 0; j < e.Length; j++) Multiply(factors[i * e.Length + j], difference, e[j].Span);
        }
        CryptographicOperations.ZeroMemory(difference);
        return factors;
    }

    /// <summary><c>gamma x_{pi(i)}</c>, in place of what was there.</summary>
    private SecretScalars Permuted(SecretScalars x)
    {
        for (var i = 0; i < _rows; i++) Multiply(_s[i], Gamma, x[_mix[i]]);
        return _s;
    }

    /// <summary>P5: <c>sigma_i = w_i + b_{pi(i)}</c>, <c>tau = -tau0 + sum b_i beta_i</c>.</summary>
    private (Scalar[] Sigma, Scalar Tau) Respond(SecretScalars beta)
    {
        var sigma = new Scalar[_rows];
        Span<byte> sum = stackalloc byte[Scalar.Size];
        Subtract(sum, Scalar.Zero.Span, Tau0);
        for (var i = 0; i < _rows; i++)
        {
            sigma[i] = SecretScalars.Respond(Scalar.One.Span, _b[_mix[i]], _w[i]);
            MultiplyAdd(sum, _b[i], beta[i], sum);
        }
        return (sigma, Scalar.OfReduced(sum));
    }

    /// <summary><c>rh_i = a_i + lambda b_i - t</c> in place of b, <c>sh_i = gamma rh_{pi(i)}</c> in place of s; false where one is zero.</summary>
    private bool Shift(Scalar lambda, Scalar t)
    {
        var isZero = false;
        for (var i = 0; i < _rows; i++)
        {
            MultiplyAdd(_b[i], lambda.Span, _b[i], _a[i]);
            Subtract(_b[i], _b[i], t.Span);
            isZero |= CryptographicOperations.FixedTimeEquals(_b[i], Scalar.Zero.Span);
        }
        isZero |= CryptographicOperations.FixedTimeEquals(Gamma, Scalar.Zero.Span);
        Permuted(_b);
        return !isZero;
    }

    /// <summary>P7: Theta.</summary>
    private PointList CommitProducts()
    {
        using var exponents = new SecretScalars(2 * _rows);
        _cores.Each(exponents.Count, LeastPiece, i =>
        {
            Span<byte> term = stackalloc byte[Scalar.Size];
            var exponent = exponents[i];
            if (i > 0) Multiply(exponent, _theta[i - 1], i < _rows ? _b[i] : Gamma);
            if (i < _rows) Multiply(term, _theta[i], _s[i]);
            else if (i < _theta.Count) _theta[i].CopyTo(term);
            else term.Clear();
            Subtract(exponent, exponent, term);
            CryptographicOperations.ZeroMemory(term);
        });
        return exponents.MultiplyBase(_cores);
    }

    /// <summary>P8: <c>alpha_i = th_i + c prod_{j &lt;= i} rh_j / sh_j</c> for i &lt; N, then <c>alpha_{2N-1-i} = th_{2N-1-i} + c gamma^-i</c> for
    /// 1 &lt;= i &lt; N.</summary>
    private Scalar[] Products(Scalar c)
    {
        var alpha = new Scalar[_theta.Count];
        using var quotients = Quotients();
        for (var i = 0; i < _rows; i++) alpha[i] = SecretScalars.Respond(c.Span, quotients[i], _theta[i]);
        using var power = new SecretScalars(2);
        _ = Sodium.crypto_core_ristretto255_scalar_invert(power[0], Gamma);
        Scalar.One.Span.CopyTo(power[1]);
        for (var i = 1; i < _rows; i++)
        {
            Multiply(power[1], power[1], power[0]);
            alpha[^i] = SecretScalars.Respond(c.Span, power[1], _theta[_theta.Count - i]);
        }
        return alpha;
    }

    /// <summary><c>prod_{j &lt;= i} rh_j / sh_j</c>, with one inversion: the inverse of the product of all sh, from which they are divided out
    /// again one after another.</summary>
    private SecretScalars Quotients()
    {
        var quotients = new SecretScalars(_rows);
        using var products = new SecretScalars(3);
        var ofR = products[0];
        var ofS = products[1];
        var inverse = products[2];
        Scalar.One.Span.CopyTo(ofR);
        Scalar.One.Span.CopyTo(ofS);
        for (var i = 0; i < _rows; i++)
        {
            Multiply(ofR, ofR, _b[i]);
            Multiply(ofS, ofS, _s[i]);
            ofR.CopyTo(quotients[i]);
        }
        _ = Sodium.crypto_core_ristretto255_scalar_invert(inverse, ofS);
        for (var i = _rows - 1; i >= 0; i--)
        {
            Multiply(quotients[i], quotients[i], inverse);
            Multiply(inverse, inverse, _s[i]);
        }
        return quotients;
    }
}
