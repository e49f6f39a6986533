using System.Collections;
using System.Reflection;
using Protean.Codec;
using Protean.Cryptography;

namespace Protean.Fuzz;

/// <summary>Good inputs to start from: every value inside a value of a real run, and values made up from the shapes of the records and
/// from those real ones.</summary>
internal sealed class Seeds
{
    private const int MaxDepth = 6;
    private const int Attempts = 400;
    private const int RealPerMille = 300;

    private readonly Random _dice;
    private readonly ILookup<Type, object> _real;

    /// <param name="real">A value of a real run.</param>
    public Seeds(int seed, object real)
    {
        _dice = new Random(seed);
        var found = new List<object>();
        Walk(real, found);
        _real = found.ToLookup(static one => FormOf(one.GetType())!);
    }

    /// <summary>Encodings of the values of a type that the real run had, each once, the shortest first.</summary>
    public IEnumerable<byte[]> Real(Type type) => Ordered(_real[type].Select(CanonicalForm.FormOf(type).Encode));

    /// <summary>Encodings of made-up values of a type that its decoder accepts, the shortest first.</summary>
    public IEnumerable<byte[]> MadeUp(Type type)
    {
        var form = CanonicalForm.FormOf(type);
        var made = new List<byte[]>();
        for (var attempt = 0; attempt < Attempts; attempt++)
            if (Make(type, 0) is { } value && Encoded(form, value) is { } bytes) made.Add(bytes);
        return Ordered(made);
    }

    private static IEnumerable<byte[]> Ordered(IEnumerable<byte[]> seeds) => seeds
        .DistinctBy(Convert.ToHexString).OrderBy(static seed => seed.Length).ThenBy(Convert.ToHexString, StringComparer.Ordinal);

    // Not every combination of fields is a value; what a type cannot encode is not one. Null stands where records nest too deep.
    private static byte[]? Encoded(CanonicalForm.IForm form, object value)
    {
        try
        {
            var bytes = form.Encode(value);
            return form.Accepts(bytes) ? bytes : null;
        }
        catch (Exception notAValue) when (notAValue is ArgumentException or InvalidOperationException or NullReferenceException or MalformedException)
        {
            return null;
        }
    }

    private static void Walk(object? value, List<object> found)
    {
        if (value is null or string or Bytes or Digest || value.GetType().IsPrimitive) return;
        if (value is IEnumerable items)
        {
            foreach (var item in items) Walk(item, found);
            return;
        }
        if (value.GetType().Assembly == typeof(object).Assembly) return;
        if (FormOf(value.GetType()) is not null) found.Add(value);
        foreach (var property in value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
            if (property.GetIndexParameters().Length == 0 && IsPart(value.GetType(), property)) Walk(property.GetValue(value), found);
    }

    private static Type? FormOf(Type type) =>
        CanonicalForm.IsFormOf(type) ? type : type.BaseType is { } parent && CanonicalForm.IsFormOf(parent) ? parent : null;

    private static bool IsPart(Type type, PropertyInfo property) => Constructor(type)?.GetParameters().Any(parameter =>
        string.Equals(parameter.Name, property.Name, StringComparison.OrdinalIgnoreCase)) ?? false;

    private static ConstructorInfo? Constructor(Type type) => type
        .GetConstructors(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance)
        .Where(one => one.GetParameters() is not [var only] || only.ParameterType != type)
        .OrderByDescending(static one => one.GetParameters().Length).FirstOrDefault();

    private object? Make(Type type, int depth)
    {
        if (Leaf(type) is { } leaf) return leaf;
        if (Nullable.GetUnderlyingType(type) is { } inner) return _dice.Next(2) == 0 ? null : Make(inner, depth);
        if (depth > 0 && _real.Contains(type) && (depth > MaxDepth || _dice.Next(1000) < RealPerMille))
            return _real[type].ElementAt(_dice.Next(_real[type].Count()));
        if (depth > MaxDepth) return null;
        if (ItemOf(type) is { } item) return MakeList(type, item, depth);
        if (type.IsAbstract)
        {
            Type[] choices = [.. type.Assembly.GetTypes().Where(choice => !choice.IsAbstract && choice.IsSubclassOf(type))];
            return choices.Length == 0 ? null : Make(choices[_dice.Next(choices.Length)], depth + 1);
        }
        if (type.Assembly == typeof(object).Assembly || Constructor(type) is not { } constructor) return null;
        try
        {
            return constructor.Invoke([.. constructor.GetParameters().Select(parameter => Make(parameter.ParameterType, depth + 1))]);
        }
        // Some types check what they are made of.
        catch (TargetInvocationException)
        {
            return null;
        }
    }

    private static Type? ItemOf(Type type) => type.IsArray ? type.GetElementType()
        : type.IsGenericType && type.GetGenericArguments() is [var item] && type.IsAssignableFrom(item.MakeArrayType()) ? item : null;

    private Array? MakeList(Type type, Type item, int depth)
    {
        var list = Array.CreateInstance(item, _dice.Next(3));
        for (var i = 0; i < list.Length; i++)
        {
            if (Make(item, depth + 1) is not { } made) return null;
            list.SetValue(made, i);
        }
        return list;
    }

    private object? Leaf(Type type)
    {
        if (type == typeof(string)) return "abcdefgh"[..(1 + _dice.Next(8))];
        if (type == typeof(Bytes)) return new Bytes(Random(_dice.Next(6) == 0 ? DataKey.NonceSize : _dice.Next(9)));
        if (type == typeof(Digest)) return new Digest(Random(Digest.Size));
        if (type == typeof(PublicKey)) return new PublicKey(Random(PublicKey.Size));
        if (type == typeof(Signature)) return new Signature(Random(Signature.Size));
        if (type == typeof(Point)) return Point.MultiplyBase(Scalar.Random(new SeededRandom((ulong)_dice.Next())));
        if (type == typeof(Scalar)) return Scalar.Random(new SeededRandom((ulong)_dice.Next()));
        if (type.IsEnum) return Enum.GetValues(type).GetValue(_dice.Next(Enum.GetValues(type).Length));
        return Type.GetTypeCode(type) switch
        {
            TypeCode.Boolean => _dice.Next(2) == 0,
            TypeCode.Byte => (byte)_dice.Next(4),
            TypeCode.UInt16 => (ushort)_dice.Next(1, 5),
            TypeCode.UInt32 => (uint)_dice.Next(1, 5),
            TypeCode.Int32 => _dice.Next(1, 5),
            TypeCode.UInt64 => (ulong)_dice.Next(1, 5),
            _ => null,
        };
    }

    private byte[] Random(int length)
    {
        var bytes = new byte[length];
        _dice.NextBytes(bytes);
        return bytes;
    }
}
