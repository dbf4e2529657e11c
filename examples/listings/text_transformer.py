import lamina.compat.tensorflow as tf
from lamina.compat.tensorflow.keras import layers

class MultiHeadSelfAttention(layers.Layer):
   def __init__(self, embed_dim, num_heads=8):
       super(MultiHeadSelfAttention, self).__init__()
       self.embed_dim = embed_dim
       self.num_heads = num_heads
       if embed_dim % num_heads != 0:
           raise ValueError(
               f"embedding dimension = {embed_dim} should be divisible by number of heads = {num_heads}"
           )
       self.projection_dim = embed_dim // num_heads
       self.query_dense = layers.Dense(embed_dim)
       self.key_dense = layers.Dense(embed_dim)
       self.value_dense = layers.Dense(embed_dim)
       self.combine_heads = layers.Dense(embed_dim)

   def attention(self, query, key, value):
       score = tf.matmul(query, key, transpose_b=True)
       dim_key = tf.cast(tf.shape(key)[-1], tf.float32)
       scaled_score = score / tf.math.sqrt(dim_key)
       weights = tf.nn.softmax(scaled_score, axis=-1)
       output = tf.matmul(weights, value)
       return output, weights

   def separate_heads(self, x, batch_size):
       x = tf.reshape(x, (batch_size, -1, self.num_heads, self.projection_dim))
       return tf.transpose(x, perm=[0, 2, 1, 3])

   def call(self, inputs):
       batch_size = tf.shape(inputs)[0]
       query = self.query_dense(inputs)
       key = self.key_dense(inputs)
       value = self.value_dense(inputs)
       query = self.separate_heads(query, batch_size)
       key = self.separate_heads(key, batch_size)
       value = self.separate_heads(value, batch_size)
       attention, weights = self.attention(query, key, value)
       attention = tf.transpose(attention, perm=[0, 2, 1, 3])
       concat_attention = tf.reshape(attention, (batch_size, -1, self.embed_dim))
       output = self.combine_heads(concat_attention)
       return output

class TransformerBlock(layers.Layer):
   def __init__(self, embed_dim, num_heads, ff_dim, rate=0.1):
       super(TransformerBlock, self).__init__()
       self.att = MultiHeadSelfAttention(embed_dim, num_heads)
       self.ffn = tf.keras.Sequential(
           [layers.Dense(ff_dim, activation="relu"), layers.Dense(embed_dim),]
       )
       self.layernorm1 = layers.LayerNormalization(epsilon=1e-6)
       self.layernorm2 = layers.LayerNormalization(epsilon=1e-6)
       self.dropout1 = layers.Dropout(rate)
       self.dropout2 = layers.Dropout(rate)

   def call(self, inputs, training):
       attn_output = self.att(inputs)
       attn_output = self.dropout1(attn_output, training=training)
       out1 = self.layernorm1(inputs + attn_output)
       ffn_output = self.ffn(out1)
       ffn_output = self.dropout2(ffn_output, training=training)
       return self.layernorm2(out1 + ffn_output)

model = tf.keras.Sequential([
   layers.Input(shape=(None,)),
   layers.Embedding(vocab_size, embed_dim),
   transformer_block,
   layers.Dense(vocab_size)
])

loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(optimizer='adam', loss=loss)

model.fit(dataset, epochs=3)
